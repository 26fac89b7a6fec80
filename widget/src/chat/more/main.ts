/** What a return needs and the first words do not, a script of its own. */

import css from "../../styles/more.css";
import { menu } from "./menu";
import { parcel } from "./parcel";
import { dropzone, tray, wanted } from "./photos";
import { recap } from "./recap";
import { addPhotos } from "./sending";
import { severalOf } from "./several";
import { stars } from "./stars";

const more = { css, addPhotos, dropzone, menu, parcel, recap, severalOf, stars, tray, wanted };

export type More = typeof more;

const script = document.currentScript as HTMLScriptElement | null;
if (script) script.bonretourPart = more;
