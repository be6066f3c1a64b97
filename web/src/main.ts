// Starts the page.
import { mount } from "svelte";
import App from "./App.svelte";
import "uplot/dist/uPlot.min.css";
import "./style.css";

const place = document.getElementById("studio");
if (place !== null) mount(App, { target: place });
