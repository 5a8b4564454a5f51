// The main graph: read-out under the pointer, click = slot, drag = zoom,
// shift-drag = window, double click = out.
import { address, go, iso } from "./page.js";

const prefixes = ["", " k", " M", " G", " T", " P"];
let series = null;
let geometry = null;

export function short(v) {
	let i = 0;
	if (v === null || v === undefined)
		return "–";
	while (Math.abs(v) >= 999.95 && i < prefixes.length - 1) {
		v /= 1000;
		i++;
	}
	return (i || !Number.isInteger(v) ? v.toFixed(Math.abs(v) < 9.995 ? 2 : 1)
	    : v) + (prefixes[i] || " ");
}

function figure() {
	return document.getElementById("graph");
}

// In the server's time zone, as all times of the page.
function stamp(seconds) {
	const { east, zone } = figure().dataset;
	return iso(seconds + Number(east)).replace("T", " ")
	    .replace("Z", ` ${zone}`);
}

// Where in the picture the axes are: the server says so beside the image.
async function measure() {
	const img = document.querySelector("#plot img");
	const answer = await fetch(img.currentSrc || img.src);
	const n = answer.headers.get("X-Plot")?.split(" ").map(Number);
	await answer.blob();
	geometry = n ? { left: n[0] / n[4], top: n[1] / n[5], width: n[2] / n[4],
		height: n[3] / n[5], from: n[6], to: n[7] } : null;
}

async function load() {
	const answer = await fetch(figure().dataset.series);
	series = answer.ok ? await answer.json() : null;
}

export function totals() {
	if (!series?.channels.length)
		return [];
	return series.channels[0].values.map((_, i) => {
		const known = series.channels.map((c) => c.values[i])
		    .filter((v) => v !== null);
		return known.length ? known.reduce((a, b) => a + b) : null;
	});
}

export function seriesNow() {
	return series;
}

export function slotLength() {
	return Number(document.getElementById("main").dataset.slot);
}

export function selected() {
	return Number(figure().dataset.slot);
}

// Select a slot; the graph stays where it is while the slot is in it.
export function select(t) {
	const f = figure().dataset;
	const step = slotLength();
	t = Math.floor(t / step) * step;
	const inside = t >= Number(f.from) && t < Number(f.to);
	const changes = { t: iso(t), from: null, to: null };
	const now = Math.floor(Date.now() / 1000 / step) * step;
	if (!inside)
		changes.end = null;
	else if (Number(f.to) < now)
		changes.end = iso(Number(f.to));
	if (t < now)
		go(address(changes));
}

function zoom(a, b) {
	const step = slotLength();
	const from = Math.floor(a / step) * step;
	const to = Math.max(Math.ceil(b / step) * step, from + 10 * step);
	go(address({ end: iso(to), w: `${to - from}s` }));
}

export function zoomOut() {
	const f = figure().dataset;
	const span = Math.min(2 * (f.to - f.from), 366 * 86400);
	go(address({ w: `${span}s` }));
}

function at(e) {
	const box = document.querySelector("#plot img").getBoundingClientRect();
	const x = (e.clientX - box.left) / box.width;
	const part = (x - geometry.left) / geometry.width;
	const inside = Math.min(1, Math.max(0, part));
	return geometry.from + inside * (geometry.to - geometry.from);
}

function place(node, from, to) {
	const box = document.querySelector("#plot img");
	const scale = geometry.width * box.clientWidth /
	    (geometry.to - geometry.from);
	const left = geometry.left * box.clientWidth;
	node.style.left = `${left + (from - geometry.from) * scale}px`;
	node.style.top = `${geometry.top * box.clientHeight}px`;
	node.style.height = `${geometry.height * box.clientHeight}px`;
	if (to !== undefined)
		node.style.width = `${Math.max(1, (to - from) * scale)}px`;
}

function overlay(name) {
	const plot = document.getElementById("plot");
	let node = plot.querySelector(`.${name}`);
	if (!node) {
		node = document.createElement("div");
		node.className = name;
		plot.append(node);
	}
	return node;
}

function readout(t) {
	const out = document.getElementById("readout");
	if (!series)
		return;
	const i = Math.floor((t - series.start) / series.step);
	const bold = document.createElement("b");
	bold.textContent = stamp(series.start + i * series.step);
	out.replaceChildren(bold);
	const add = (name, v) => {
		const item = document.createElement("i");
		item.textContent = `${name} ${short(v)}${series.unit}`;
		out.append(item);
	};
	for (const c of series.channels.slice(0, 8))
		add(c.name, c.values[i]);
	if (series.channels.length > 1)
		add("total", totals()[i]);
}

function listen(plot) {
	const rest = document.getElementById("readout").textContent;
	let begin = null;
	const end = () => {
		begin = null;
		plot.querySelector(".band")?.remove();
	};
	plot.onpointerdown = (e) => {
		if (!geometry || e.button !== 0)
			return;
		begin = { t: at(e), x: e.clientX };
		if (e.pointerType === "mouse")
			plot.setPointerCapture(e.pointerId);
	};
	plot.onpointermove = (e) => {
		if (!geometry)
			return;
		const t = at(e);
		place(overlay("line"), t);
		readout(t);
		if (begin && Math.abs(e.clientX - begin.x) > 5)
			place(overlay("band"), Math.min(t, begin.t),
			    Math.max(t, begin.t));
	};
	plot.onpointerup = (e) => {
		if (!begin || !geometry)
			return;
		const a = Math.min(at(e), begin.t);
		const b = Math.max(at(e), begin.t);
		const moved = Math.abs(e.clientX - begin.x) > 5;
		const step = slotLength();
		end();
		if (!moved)
			select(a);
		else if (e.shiftKey)
			go(address({ t: null,
				from: iso(Math.floor(a / step) * step),
				to: iso(Math.ceil(b / step) * step) }));
		else
			zoom(a, b);
	};
	plot.onpointercancel = end;
	plot.onpointerleave = () => {
		plot.querySelector(".line")?.remove();
		document.getElementById("readout").textContent = rest;
	};
	plot.ondblclick = zoomOut;
	plot.ondragstart = (e) => e.preventDefault();
}

// Ask for the picture in another width.
export function redraw(width) {
	const img = document.querySelector("#plot img");
	const dark = document.documentElement.dataset.theme === "dark" ||
	    (document.documentElement.dataset.theme === "auto" &&
		matchMedia("(prefers-color-scheme: dark)").matches);
	const url = new URL(img.dataset.graph, location.href);
	const height = width < 600 ? 260 : 340;
	url.searchParams.set("width", width);
	url.searchParams.set("height", height);
	if (devicePixelRatio > 1.2)
		url.searchParams.set("zoom", 200);
	if (dark)
		url.searchParams.set("theme", "dark");
	const next = new Image(width, height);
	next.alt = img.alt;
	next.dataset.graph = img.dataset.graph;
	next.src = url;
	next.decode().then(() => {
		document.querySelector("#plot picture")?.replaceChildren(next);
		return measure();
	}).catch(() => {});
}

export function graph() {
	const plot = document.getElementById("plot");
	geometry = null;
	if (!plot)
		return;
	listen(plot);
	const img = plot.querySelector("img");
	img.decode().then(measure).catch(() => {});
	load().catch(() => { series = null; });
}
