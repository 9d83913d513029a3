/** Style sheets, put into the page by whoever bundles the widgets. */
declare module "*.css";
