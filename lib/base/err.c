#include "base/err.h"

#include <stdio.h>
#include <string.h>

#undef err_set

int
err_set(struct err *err, const char *fmt, ...)
{
	if (err == NULL)
		return -1;
	va_list ap;
	va_start(ap, fmt);
	/* Through a copy: the old text may be one of the arguments. */
	char text[ERR_MAX];
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	memcpy(err->msg, text, strlen(text) + 1);
	return -1;
}

int
err_prefix(struct err *err, const char *fmt, ...)
{
	if (err == NULL)
		return -1;
	char head[ERR_MAX];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(head, sizeof(head), fmt, ap);
	va_end(ap);
	return err_set(err, "%s: %s", head, err->msg);
}
