// VitePress' theme, in the colors of the shop.
import DefaultTheme from "vitepress/theme";
import { markNotFound } from "./not-found.mjs";
import { nameSearchBox } from "./search-box.mjs";
import "./colors.css";
import "./pages.css";
import "./home.css";
import "./diagrams.css";

export default {
  extends: DefaultTheme,
  enhanceApp() {
    if (typeof document === "undefined") return;
    nameSearchBox();
    markNotFound();
  },
};
