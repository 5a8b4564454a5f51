#include "query/format.h"

#include <string.h>

#include "query/fmt.h"
#include "query/fmtconf.h"

/* The columns of csv in later versions of nfdump. */
#define CSV_NEW "%ts,%td,%pr,%sa,%sp,%da,%dp,%pkt,%byt,%fl"

#define GLUE ",\n" /* between JSON objects */

static const struct {
	const char *name;
	const char *text;
} named[] = {
	{ "line", "%ts %td %pr %sap -> %dap %pkt %byt %fl" },
	{ "long", "%ts %td %pr %sap -> %dap %flg %tos %pkt %byt %fl" },
	{ "extended", "%ts %td %pr %sap -> %dap %flg %tos %pkt %byt %pps "
		      "%bps %bpp %fl" },
	{ "biline", "%ts %td %pr %sap <-> %dap %opkt %ipkt %obyt %ibyt %fl" },
	{ "bilong", "%ts %td %pr %sap <-> %dap %flg %tos %opkt %ipkt %obyt "
		    "%ibyt %fl" },
	{ "gline", "%ts %td %pr %gsap -> %gdap %pkt %byt %fl" },
	{ "glong", "%ts %td %pr %gsap -> %gdap %flg %tos %pkt %byt %fl" },
	{ "nsel", "%tevt %evt %xevt %pr %sap -> %dap %xsap -> %xdap %ibyt "
		  "%obyt" },
	{ "nel", "%tevt %nevt %pr %sap -> %dap %nsap -> %ndap" },
	{ "nat", "%tevt %nevt %pr %sap -> %dap %nsap -> %ndap" },
};

static const struct {
	const char *name;
	enum format_mode mode;
} modes[] = {
	{ "csv", MODE_CSV },
	{ "csv-old", MODE_CSV },
	{ "csv-fast", MODE_CSV_FAST },
	{ "json", MODE_JSON },
	{ "ndjson", MODE_NDJSON },
	{ "pipe", MODE_PIPE },
	{ "raw", MODE_RAW },
	{ "null", MODE_NULL },
};

const char *
format_named(const char *text, size_t *len)
{
	const char *best = NULL;
	*len = 0;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		size_t n = strlen(named[i].name);
		if (n > *len && strncmp(text, named[i].name, n) == 0) {
			best = named[i].text;
			*len = n;
		}
	}
	return best;
}

/* A format of this name, the user's own first.  1: there is none. */
static int
parse_named(struct format *f, const char *name, size_t len, struct arena *a,
    struct err *err)
{
	size_t n;
	const struct fmt_named *u = fmtconf_find(f->user, name, len);
	if (u != NULL && u->csv)
		return csvfmt_compile(f, u->text, a, err);
	if (u != NULL)
		return fmt_compile(f, u->text, a, err);
	const char *text = format_named(name, &n);
	if (text == NULL || n != len)
		return 1;
	int r = fmt_compile(f, text, a, err);
	f->everyday = (f->needs & FMT_WHOLE) == 0;
	return r;
}

/* "long6" is long with wide addresses. */
static int
parse_name(struct format *f, const char *text, struct arena *a, struct err *err)
{
	size_t len = strlen(text);
	int r = parse_named(f, text, len, a, err);
	if (r != 1 || len < 2 || text[len - 1] != '6')
		return r;
	r = parse_named(f, text, len - 1, a, err);
	f->wide6 |= r == 0;
	return r;
}

static int
parse_mode(struct format *f, const char *text)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		size_t n = strlen(modes[i].name);
		if (strncmp(text, modes[i].name, n) != 0 ||
		    (text[n] != '\0' && strcmp(text + n, "6") != 0))
			continue;
		f->mode = modes[i].mode;
		f->wide6 |= text[n] == '6';
		f->needs = f->mode == MODE_RAW ? FMT_NAMES | FMT_GEO : 0;
		f->numbered = f->mode == MODE_RAW || f->mode == MODE_CSV_FAST;
		return 0;
	}
	return 1;
}

int
format_parse(struct format *f, const char *text, struct arena *a,
    struct err *err)
{
	f->mode = MODE_FMT;
	if (strncmp(text, "fmt:", 4) == 0)
		return fmt_compile(f, text + 4, a, err);
	if (strncmp(text, "csv:", 4) == 0)
		return csvfmt_compile(f, text + 4, a, err);
	if (strcmp(text, "csv-new") == 0)
		return csvfmt_compile(f, CSV_NEW, a, err);
	int r = parse_mode(f, text);
	if (r == 1)
		r = parse_name(f, text, a, err);
	if (r == 1)
		return err_set(err, "Unknown output mode '%s'", text);
	return r;
}

void
format_head(const struct format *f, struct buf *b)
{
	if (f->mode == MODE_FMT)
		fmt_head(f, b);
	else if (f->mode == MODE_CSV)
		csv_head(b);
	else if (f->mode == MODE_CSV_FMT)
		csvfmt_head(f, b);
	else if (f->mode == MODE_CSV_FAST)
		csvfast_head(b);
	else if (f->mode == MODE_JSON)
		buf_adds(b, "[\n");
}

void
format_flow(const struct format *f, uint64_t number, const struct flow *flow,
    struct buf *b)
{
	switch (f->mode) {
	case MODE_FMT:
		fmt_flow(f, number, flow, b);
		break;
	case MODE_CSV:
		csv_flow(flow, b);
		break;
	case MODE_CSV_FMT:
		csvfmt_flow(f, number, flow, b);
		break;
	case MODE_CSV_FAST:
		csvfast_flow(number, flow, b);
		break;
	case MODE_JSON:
		buf_adds(b, GLUE);
		json_flow(flow, b);
		break;
	case MODE_NDJSON:
		ndjson_flow(flow, b);
		break;
	case MODE_PIPE:
		pipe_flow(flow, b);
		break;
	case MODE_RAW:
		raw_flow(f, number, flow, b);
		break;
	case MODE_NULL:
		break;
	}
}

size_t
format_glue(const struct format *f)
{
	return f->mode == MODE_JSON ? sizeof(GLUE) - 1 : 0;
}

void
format_foot(const struct format *f, struct buf *b)
{
	if (f->mode == MODE_JSON)
		buf_adds(b, "]\n");
}
