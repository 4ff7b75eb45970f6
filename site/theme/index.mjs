// VitePress' theme, in the colors of the shop.
import DefaultTheme from "vitepress/theme";
import "./colors.css";
import "./pages.css";
import "./home.css";
import "./diagrams.css";

export default DefaultTheme;
