/** Where to go after a login: a place on this site, whatever the URL says. */
export function safeNext(next: string | undefined): string {
  if (next === undefined || !/^\/(?![/\\])/.test(next) || next.startsWith("/login")) return "/";
  return next;
}
