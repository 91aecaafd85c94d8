"""`/healthz`: the process lives. `/readyz`: it can serve. Both public, both say nothing else."""

from fastapi import APIRouter, Request, Response

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="The process lives")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", summary="The hub can serve: migrated, connected to its database")
async def readyz(request: Request, response: Response) -> dict[str, str]:
    ready = request.app.state.ready and await request.app.state.database.ping()
    response.status_code = 200 if ready else 503
    return {"status": "ready" if ready else "starting"}
