#include "ctl/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

size_t
ctl_request_end(const char *data, size_t len, size_t *scan)
{
	if (len >= 2 && memcmp(data, ".\n", 2) == 0)
		return 2;
	size_t from = *scan;
	if (from < len) {
		const char *p = memmem(data + from, len - from, "\n.\n", 3);
		if (p != NULL)
			return (size_t)(p - data) + 3;
	}
	/* The marker may be cut in two. */
	*scan = len > 2 ? len - 2 : 0;
	return 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static char *
skip_blanks(char *s)
{
	while (is_blank(*s))
		s++;
	return s;
}

static bool
key_ok(const char *key)
{
	if (*key == '\0')
		return false;
	while (is_word(*key))
		key++;
	return *key == '\0';
}

static int
store(struct ctl_request *r, const struct ctl_arg *arg, struct err *err)
{
	for (size_t i = 0; i < r->n; i++) {
		struct ctl_arg *a = &r->args[i];
		if (strcmp(a->key, arg->key) != 0)
			continue;
		if (a->array && !arg->array)
			return err_set(err, "tried to assign a scalar entry "
					    "to an array entry");
		if (!a->array && arg->array)
			return err_set(err, "tried to assign an array entry "
					    "to a scalar element");
		if (arg->array)
			break;
		a->value = arg->value;
		return 0;
	}
	if (r->n == CTL_ARGS_MAX)
		return err_set(err, "more than %d arguments", CTL_ARGS_MAX);
	r->args[r->n++] = *arg;
	return 0;
}

/* "key=value" or "_key=value", in place. */
static int
parse_arg(struct ctl_request *r, char *line, struct err *err)
{
	char *key = skip_blanks(line);
	char *eq = strchr(key, '=');
	if (eq == NULL)
		return err_set(err, "Failed to decode line '%.100s'", line);
	char *end = eq;
	while (end > key && is_blank(end[-1]))
		end--;
	*end = '\0';
	struct ctl_arg arg = { .key = key, .value = skip_blanks(eq + 1) };
	if (*key == '_') {
		arg.array = true;
		arg.key++;
	}
	if (!key_ok(arg.key))
		return err_set(err, "key format error");
	if (strlen(arg.value) > CTL_VALUE_MAX)
		return err_set(err, "value too long.");
	return store(r, &arg, err);
}

static int
parse_command(struct ctl_request *r, char *line, struct err *err)
{
	r->command = skip_blanks(line);
	char *p = r->command;
	while (*p != '\0' && !is_blank(*p))
		p++;
	if (*p == '\0')
		return 0;
	*p++ = '\0';
	p = skip_blanks(p);
	return *p != '\0' ? parse_arg(r, p, err) : 0;
}

static int
parse_line(struct ctl_request *r, char *line, struct err *err)
{
	if (line[0] == '.' && line[1] == '.' && line[2] == '\0')
		line++;
	else if (line[0] == '.' && is_word(line[1]))
		return 0;
	if (r->command == NULL)
		return parse_command(r, line, err);
	return parse_arg(r, line, err);
}

int
ctl_request_parse(struct ctl_request *r, const char *data, size_t len,
    struct err *err)
{
	*r = (struct ctl_request){ 0 };
	if (memchr(data, '\0', len) != NULL)
		return err_set(err, "NUL byte in request");
	r->text = mem_alloc(len + 1);
	memcpy(r->text, data, len);
	r->text[len] = '\0';

	size_t lines = 0;
	for (size_t i = 0; i < len; i++)
		lines += data[i] == '\n';
	/* One more: the command line may carry an argument. */
	r->args = mem_calloc(lines < CTL_ARGS_MAX ? lines + 1 : CTL_ARGS_MAX,
	    sizeof(*r->args));

	char *line = r->text;
	for (char *lf; (lf = strchr(line, '\n')) != NULL; line = lf + 1) {
		*lf = '\0';
		if (strcmp(line, ".") == 0)
			break;
		if (parse_line(r, line, err) == -1) {
			ctl_request_free(r);
			return -1;
		}
	}
	if (r->command == NULL)
		r->command = line + strlen(line);
	return 0;
}

void
ctl_request_free(struct ctl_request *r)
{
	free(r->args);
	free(r->text);
	*r = (struct ctl_request){ 0 };
}

const char *
ctl_arg(const struct ctl_request *r, const char *key)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->args[i].key, key) == 0)
			return r->args[i].value;
	return NULL;
}
