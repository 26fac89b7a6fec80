import tseslint from "typescript-eslint";

const HTML_SINKS = ["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc"];

export default tseslint.config({
  files: ["src/**/*.ts", "src/**/*.tsx"],
  extends: [tseslint.configs.strict],
  rules: {
    eqeqeq: "error",
    // JSX is made of it.
    "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^h$" }],
    "max-lines": ["error", 300],
    // A closure that holds what a class would, and smaller, counts as one function.
    "max-lines-per-function": ["error", 80],
    "no-eval": "error",
    "no-implied-eval": "error",
    // Text reaches the page as text nodes and textContent alone.
    "no-restricted-properties": [
      "error",
      { object: "document", property: "write", message: "text bindings only" },
      ...HTML_SINKS.map((property) => ({ property, message: "text bindings only" })),
    ],
  },
});
