declare module "*.css" {
  const text: string;
  export default text;
}

/** SHA-256 of what is loaded on demand, in base64; set by build.mjs. */
declare const CHAT_HASHES: Record<"fr" | "en", string>;
declare const MORE_HASH: string;
