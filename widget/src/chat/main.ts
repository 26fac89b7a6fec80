/** The chat itself: loaded by src/page when a customer opens it, or has begun before. */

import type { Page } from "../page/shell";
import { ChatWindow } from "./window";

const script = document.currentScript as HTMLScriptElement | null;
if (script) script.bonretourPart = (page: Page) => new ChatWindow(page);
