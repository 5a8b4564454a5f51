#include "query/format.h"

#include <string.h>

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
};

static const struct {
	const char *name;
	enum format_mode mode;
} modes[] = {
	{ "csv", MODE_CSV },
	{ "json", MODE_JSON },
	{ "pipe", MODE_PIPE },
	{ "null", MODE_NULL },
};

/* "long6" is long with wide addresses. */
static bool
is_named(const char *name, const char *text, bool *wide)
{
	size_t n = strlen(name);
	if (strncmp(text, name, n) != 0)
		return false;
	*wide = strcmp(text + n, "6") == 0;
	return *wide || text[n] == '\0';
}

int
format_parse(struct format *f, const char *text, struct arena *a,
    struct err *err)
{
	bool wide;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(text, modes[i].name) == 0) {
			f->mode = modes[i].mode;
			return 0;
		}
	}
	f->mode = MODE_FMT;
	if (strncmp(text, "fmt:", 4) == 0)
		return fmt_compile(f, text + 4, a, err);
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (!is_named(named[i].name, text, &wide))
			continue;
		f->wide6 |= wide;
		f->everyday = true;
		return fmt_compile(f, named[i].text, a, err);
	}
	return err_set(err, "Unknown output mode '%s'", text);
}

void
format_head(const struct format *f, struct buf *b)
{
	if (f->mode == MODE_FMT)
		fmt_head(f, b);
	else if (f->mode == MODE_CSV)
		csv_head(b);
	else if (f->mode == MODE_JSON)
		buf_adds(b, "[\n");
}

void
format_flow(struct format *f, const struct flow *flow, struct buf *b)
{
	switch (f->mode) {
	case MODE_FMT:
		fmt_flow(f, flow, b);
		break;
	case MODE_CSV:
		csv_flow(flow, b);
		break;
	case MODE_JSON:
		if (f->count != 0)
			buf_adds(b, ",\n");
		json_flow(flow, b);
		break;
	case MODE_PIPE:
		pipe_flow(flow, b);
		break;
	case MODE_NULL:
		break;
	}
	f->count++;
}

void
format_foot(const struct format *f, struct buf *b)
{
	if (f->mode == MODE_JSON)
		buf_adds(b, "]\n");
}
