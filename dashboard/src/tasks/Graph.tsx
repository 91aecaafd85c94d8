import { Empty } from "@/ui/Empty";
import type { CardFilter } from "./cards";

export default function Graph(_: { filter: CardFilter }) {
  return <Empty title="No graph yet." />;
}
