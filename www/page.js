// Pages without reload: a page is fetched and its parts are put in place.

const parts = ["title", "controls", "graph", "small", "stats", "sources"];
let running = null;
const shown = [];

export function remember(name, value) {
	document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`;
}

// The next image is loaded before the old one goes, so that nothing jumps.
async function loaded(node) {
	const images = [...node.querySelectorAll("img:not([loading=lazy])")];
	await Promise.all(images.map((img) => img.decode().catch(() => {})));
}

async function replace(id, fresh) {
	const old = document.getElementById(id);
	const node = document.importNode(fresh, true);
	if (id === "controls" && old.contains(document.activeElement)) {
		const label = document.activeElement.textContent;
		old.replaceWith(node);
		[...node.querySelectorAll("a,button")]
		    .find((a) => a.textContent === label)?.focus();
		return;
	}
	await loaded(node);
	const focused = old.contains(document.activeElement)
	    ? document.activeElement.id : "";
	old.replaceWith(node);
	if (focused)
		document.getElementById(focused)?.focus({ preventScroll: true });
}

function wholePage(page) {
	document.getElementById("main").replaceWith(
	    document.importNode(page.getElementById("main"), true));
}

function adopt(page) {
	document.title = page.title;
	const main = document.getElementById("main");
	const fresh = page.getElementById("main");
	main.dataset.wait = fresh.dataset.wait;
	const clock = page.getElementById("clock");
	if (clock)
		document.getElementById("clock").replaceWith(
		    document.importNode(clock, true));
	if (!document.getElementById("graph") || !page.getElementById("graph")) {
		wholePage(page);
		return [];
	}
	return parts.filter((id) => document.getElementById(id) &&
	    page.getElementById(id))
	    .map((id) => replace(id, page.getElementById(id)));
}

// Show another address: only the newest wish counts.
export async function go(url, push = true) {
	running?.abort();
	const mine = running = new AbortController();
	if (push)
		history.pushState(null, "", url);
	document.getElementById("graph")?.classList.add("busy");
	try {
		const answer = await fetch(url, { signal: mine.signal });
		const text = await answer.text();
		const page = new DOMParser().parseFromString(text, "text/html");
		if (mine.signal.aborted)
			return;
		await Promise.all(adopt(page));
		shown.forEach((f) => f());
	} catch (e) {
		if (e.name !== "AbortError")
			location.href = url;
	}
}

// The same page with some parameters changed; null takes one away.
export function address(changes) {
	const url = new URL(location.href);
	for (const [key, value] of Object.entries(changes))
		if (value === null)
			url.searchParams.delete(key);
		else
			url.searchParams.set(key, value);
	// Readable times and lists.
	url.search = url.searchParams.toString().replaceAll("%3A", ":")
	    .replaceAll("%2C", ",");
	return url.pathname + url.search;
}

export function iso(seconds) {
	return new Date(seconds * 1000).toISOString()
	    .replace(/\.000Z$/, "Z").replace(/:00Z$/, "Z");
}

// Called now and whenever another page was put in place.
export function onPage(f) {
	shown.push(f);
	f();
}
