/*
 * string: the functions of terms on strings; a row's arg says which string.
 */
#ifndef FILTER_STRING_H
#define FILTER_STRING_H

#include "filter/parse.h"

enum { STRING_USER, STRING_PF_IF, STRING_LABEL };

extern const struct term_ops string_ops;

#endif
