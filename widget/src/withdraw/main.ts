/** The script for a shop's own page: turns its withdrawal link into a form in place. */

import { WithdrawElement } from "./element";

const NAME = "bonretour-withdraw";

/** Known only while the script itself runs. */
const script = document.currentScript as HTMLScriptElement | null;
WithdrawElement.desk = new URL(script?.dataset.desk || script?.src || ".", document.baseURI).origin;
WithdrawElement.language = script?.dataset.lang ?? "";

if (!customElements.get(NAME)) customElements.define(NAME, WithdrawElement);
