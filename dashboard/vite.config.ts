import { readFileSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const STATIC = fileURLToPath(new URL("../hub/corral_hub/web/static", import.meta.url));
const HUB = process.env.CORRAL_HUB_URL ?? "http://127.0.0.1:8000";
const WORTH_PACKING = /\.(js|css|html|svg|webmanifest|json)$/;

/** Put a .gz and a .br beside every text file: the hub sends what the browser takes, and packs nothing itself. */
function packed(): Plugin {
  return {
    name: "packed",
    apply: "build",
    async closeBundle() {
      for (const entry of await readdir(STATIC, { recursive: true })) {
        if (!WORTH_PACKING.test(entry)) continue;
        const path = join(STATIC, entry);
        const text = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), packed()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: STATIC,
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy lets no data: script or font in
    modulePreload: { polyfill: false },
    target: "es2022",
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: {
      "/api": { target: HUB },
      "/ws": { target: HUB, ws: true },
    },
  },
});
