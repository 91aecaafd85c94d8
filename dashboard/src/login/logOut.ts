import { hub } from "@/api/client";

/** End this login, here and in the hub; everything that was read for it is forgotten with the page. */
export async function logOut(): Promise<void> {
  await hub.POST("/api/v1/logout");
  location.assign("/login");
}
