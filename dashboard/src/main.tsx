import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { whenLoggedOut } from "./api/client";
import { Problem } from "./api/problem";
import { createAppRouter } from "./router";
import { applyTheme } from "./shell/theme";
import "./tokens.css";
import "./base.css";

applyTheme();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000, // the live connection says what changed; this is for what it does not speak of
      retry: (failures, error) =>
        failures < 2 && error instanceof Problem && (error.status === 0 || error.status >= 500),
      refetchOnWindowFocus: false,
    },
  },
});
const router = createAppRouter(queries);
whenLoggedOut(() => {
  if (router.state.location.pathname === "/login") return;
  queries.clear();
  void router.navigate({ to: "/login", search: { next: router.state.location.href } });
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
