// Bundles src/ into dist/: v1.js, which every page of a shop loads; in each language
// v1/chat, which v1.js loads when the chat is opened, and v1/more, which the chat loads when
// a customer comes to it; and withdraw/v1.js, the withdrawal form by itself.
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

const LANGUAGES = ["fr", "en"];

const minifiedCss = {
  name: "css",
  setup(builder) {
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const css = await build({ entryPoints: [path], bundle: true, minify: true, write: false });
      return { contents: css.outputFiles[0].text.trim(), loader: "text" };
    });
  },
};

function inLanguage(language) {
  return {
    name: "language",
    setup(builder) {
      builder.onResolve({ filter: /\/words\.fr$/ }, ({ resolveDir }) => ({
        path: `${resolveDir}/words.${language}.ts`,
      }));
    },
  };
}

async function bundle(entry, define = {}, language = "fr") {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    define,
    minifySyntax: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    write: false,
    plugins: [minifiedCss, inLanguage(language)],
  });
  const { code } = await minify(outputFiles[0].text, {
    ecma: 2020,
    toplevel: true,
    compress: {
      passes: 3,
      keep_fargs: false,
      pure_getters: true,
      unsafe_arrows: true,
      unsafe_methods: true,
    },
  });
  return code;
}

function digest(code) {
  return createHash("sha256").update(code).digest("base64");
}

/** Beside each file what the desk gives to browsers that read brotli: nearly all. */
async function write(name, code) {
  await writeFile(`dist/${name}`, code);
  await writeFile(`dist/${name}.br`, brotliCompressSync(code));
}

await mkdir("dist/v1", { recursive: true });
await mkdir("dist/withdraw", { recursive: true });
const hashes = {};
for (const language of LANGUAGES) {
  const more = await bundle("src/chat/more/main.ts", {}, language);
  await write(`v1/more.${language}.js`, more);
  const define = { MORE_HASH: JSON.stringify(digest(more)) };
  const chat = await bundle("src/chat/main.ts", define, language);
  await write(`v1/chat.${language}.js`, chat);
  hashes[language] = digest(chat);
}
const define = { CHAT_HASHES: JSON.stringify(hashes) };
await write("v1.js", await bundle("src/page/main.ts", define));
await write("withdraw/v1.js", await bundle("src/withdraw/main.ts"));
