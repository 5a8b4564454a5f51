#include "fcgi/details.h"
#include "fcgi/html.h"
#include "fcgi/parts.h"

static const struct {
	const char *text;
	int64_t seconds;
} widths[] = { { "6h", 21600 }, { "12h", 43200 }, { "1d", 86400 },
	{ "2d", 172800 }, { "4d", 345600 }, { "1w", 604800 }, { "2w", 1209600 },
	{ "1M", 2592000 }, { "3M", 7776000 }, { "6M", 15552000 },
	{ "1y", 31536000 } };

static void
choice(const struct view *v, const struct query *q, const char *text, bool here,
    struct response *rs)
{
	html(&rs->body,
	    here ? "<a href=\"%s\" aria-current=\"true\">%s</a>"
		 : "<a href=\"%s\">%s</a>",
	    details_url(v, q, &rs->arena), text);
}

static void
begin(struct response *rs, const char *label)
{
	html(&rs->body, "<div class=\"seg\" role=\"group\" aria-label=\"%s\">",
	    label);
}

static void
end(struct response *rs)
{
	html(&rs->body, "</div>");
}

static void
type_choice(const struct view *v, struct response *rs)
{
	begin(rs, "Type");
	for (int i = 0; i < 3; i++) {
		struct query q = v->q;
		q.type = i;
		choice(v, &q, part_types[i], (int)v->type == i, rs);
	}
	end(rs);
}

static void
proto_choice(const struct view *v, struct response *rs)
{
	begin(rs, "Protocol");
	for (int i = 0; i < CLASS_MAX; i++) {
		struct query q = v->q;
		q.proto = (enum counter_class)i;
		choice(v, &q, part_classes[i], v->q.proto == q.proto, rs);
	}
	end(rs);
}

static void
width_choice(const struct view *v, struct response *rs)
{
	int64_t now = v->graph_to - v->graph_from;
	begin(rs, "Time shown");
	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		struct query q = v->q;
		bool standard = widths[i].seconds == 86400;
		q.width = widths[i].seconds;
		q.width_text = standard ? NULL : widths[i].text;
		choice(v, &q, widths[i].text, now == q.width, rs);
	}
	end(rs);
}

static void
style_choice(const struct view *v, struct response *rs)
{
	struct query q = v->q;
	begin(rs, "Scale");
	q.log = false;
	choice(v, &q, "Lin", !v->q.log, rs);
	q.log = true;
	choice(v, &q, "Log", v->q.log, rs);
	end(rs);
	q = v->q;
	begin(rs, "Style");
	q.lines = false;
	choice(v, &q, "Stack", !v->q.lines, rs);
	q.lines = true;
	choice(v, &q, "Line", v->q.lines, rs);
	end(rs);
}

/* ---- through time ---------------------------------------------------------- */

static void
step_link(const struct view *v, const struct query *q, const char *text,
    const char *what, struct response *rs)
{
	html(&rs->body,
	    "<a class=\"step\" href=\"%s\" title=\"%s\" aria-label=\"%s\">%s"
	    "</a>",
	    details_url(v, q, &rs->arena), what, what, text);
}

/* The graph moves by its own width, and the selection with it. */
static void
move_graph(const struct view *v, int sign, struct response *rs)
{
	int64_t by = sign * (v->graph_to - v->graph_from);
	struct query q = v->q;
	view_set_time(&q.end, v->graph_to + by, &rs->arena);
	if (q.t.text != NULL)
		view_set_time(&q.t, v->slot + by, &rs->arena);
	if (v->window) {
		view_set_time(&q.from, v->sel_from + by, &rs->arena);
		view_set_time(&q.to, v->sel_to + by, &rs->arena);
	}
	step_link(v, &q, sign < 0 ? "«" : "»",
	    sign < 0 ? "one graph back" : "one graph forward", rs);
}

/* The slot moves; the graph stays while the slot is in it. */
static void
move_slot(const struct view *v, int sign, struct response *rs)
{
	int64_t t = v->slot + sign * v->step;
	struct query q = v->q;
	q.from = q.to = (struct query_time){ 0 };
	view_set_time(&q.t, t, &rs->arena);
	if (t < v->graph_from || t >= v->graph_to)
		q.end = (struct query_time){ 0 };
	step_link(v, &q, sign < 0 ? "‹" : "›",
	    sign < 0 ? "previous slot" : "next slot", rs);
}

static void
jump_now(const struct view *v, struct response *rs)
{
	struct query q = v->q;
	q.t = q.from = q.to = q.end = (struct query_time){ 0 };
	step_link(v, &q, "now", "follow the newest data", rs);
}

/* Text, as a browser's own date field follows its language, not ISO 8601. */
static void
time_input(const struct view *v, const char *name, const char *label,
    int64_t when, struct response *rs)
{
	html(&rs->body,
	    "<label>%s <input type=\"text\" name=\"%s\" value=\"%s\" "
	    "size=\"17\" required pattern=\"now.*|[0-9].*\" "
	    "title=\"%s, epoch seconds, or now-6h\"></label>",
	    label, name, view_time_text(when, &rs->arena),
	    v->step % 60 == 0 ? "YYYY-MM-DD HH:MM" : "YYYY-MM-DD HH:MM:SS");
}

static void
slot_form(const struct view *v, struct response *rs)
{
	static const char *const but[] = { "t", "from", "to", "end", NULL };
	html(&rs->body, "<form class=\"when\" method=\"get\">");
	details_hidden(&v->q, but, rs);
	time_input(v, "t", "Slot", v->slot, rs);
	html(&rs->body, "<button>Go</button></form>");
}

static void
window_form(const struct view *v, struct response *rs)
{
	static const char *const but[] = { "t", "from", "to", NULL };
	html(&rs->body,
	    "<details class=\"menu window\"><summary>Window</summary>"
	    "<form class=\"sheet when\" method=\"get\">");
	details_hidden(&v->q, but, rs);
	time_input(v, "from", "From", v->sel_from, rs);
	time_input(v, "to", "to", v->sel_to, rs);
	html(&rs->body, "<button>Set window</button></form></details>");
}

void
details_controls(const struct view *v, struct response *rs)
{
	html(&rs->body, "<div class=\"controls\" id=\"controls\">");
	type_choice(v, rs);
	proto_choice(v, rs);
	width_choice(v, rs);
	style_choice(v, rs);
	html(&rs->body, "<div class=\"seg steps\" role=\"group\" "
			"aria-label=\"Through time\">");
	move_graph(v, -1, rs);
	move_slot(v, -1, rs);
	move_slot(v, 1, rs);
	move_graph(v, 1, rs);
	jump_now(v, rs);
	end(rs);
	slot_form(v, rs);
	window_form(v, rs);
	html(&rs->body, "</div>");
}
