import "@tensorflow/tfjs-node";
import { checkVjps } from "./differences.js";

checkVjps();
