/** The words of one language: build.mjs makes the chat once in each. */

import type * as english from "./words.en";
import type * as french from "./words.fr";

export * from "./words.fr";

type Shape<Said> = Said extends string
  ? string
  : Said extends (...told: infer Told) => string
    ? (...told: Told) => string
    : { [Name in keyof Said]: Shape<Said[Name]> };

/** English says all that French says; the compiler looks. */
export type English = Checked<typeof english>;
type Checked<Said extends Shape<typeof french>> = Said;
