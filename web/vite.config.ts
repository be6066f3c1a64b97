// Builds the page into the package, in three files of fixed names that need no other origin.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const NOTICE = "/*! Holds Svelte, Copyright (c) 2016-2025 Svelte Contributors, and uPlot, Copyright (c) 2022 Leon Sorokin, both under the MIT License. */";

export default defineConfig({
  plugins: [svelte()],
  base: "./",
  build: {
    outDir: "../src/yeoul/studio/static",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        codeSplitting: false,
        postBanner: NOTICE,
        entryFileNames: "studio.js",
        assetFileNames: "studio[extname]",
      },
    },
  },
});
