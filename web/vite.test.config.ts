// Builds the pages that only tests open.
import { defineConfig } from "vite";

export default defineConfig({
  root: "test",
  base: "./",
  build: { outDir: "../../build/web/test", emptyOutDir: true, target: "es2023", rolldownOptions: { input: ["test/parity.html", "test/live.html"] } },
  worker: { format: "es" },
});
