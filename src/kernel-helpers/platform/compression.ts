/** What a PNG file is made with. */
export { crc32, deflateSync } from "node:zlib";
