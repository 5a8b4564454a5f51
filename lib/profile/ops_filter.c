#include <ctype.h>
#include <string.h>

#include "filter/filter.h"
#include "filter/geo.h"
#include "profile/ops.h"

/* Blanks and comments alone: the parser lets everything pass, NfSen nothing. */
static bool
is_blank(const char *text, size_t n)
{
	bool comment = false;
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\n')
			comment = false;
		else if (text[i] == '#')
			comment = true;
		else if (!comment && !isspace((unsigned char)text[i]))
			return false;
	}
	return true;
}

int
ops_check_filter(const struct conf *c, const char *text, size_t n,
    struct err *err)
{
	struct filter_error fe;
	struct filter_options o;
	struct buf line = BUF_EMPTY;
	if (is_blank(text, n))
		return err_set(err, "Filter syntax error: the filter is empty");
	if (memchr(text, '\0', n) != NULL)
		return err_set(err, "Filter syntax error: it holds a NUL");
	if (profile_filter_options(c, &o, err) == -1)
		return -1;
	struct filter *f = filter_parse_with(text, n, &o, &fe);
	geo_free(o.geo);
	if (f == NULL) {
		filter_error_line(&fe, &line);
		(void)err_set(err, "Filter syntax error: %s", buf_str(&line));
		buf_free(&line);
		return -1;
	}
	filter_free(f);
	return 0;
}
