/*
 * options: flowgen's command line.  Anything wrong with it ends the program
 * with status 2 and a message.
 */
#ifndef FLOWGEN_OPTIONS_H
#define FLOWGEN_OPTIONS_H

#include "files.h"
#include "run.h"

struct options {
	struct run_opts run;
	struct traffic_opts traffic;
	struct files_opts files; /* .dir NULL: other output */
	const char *to;
	const char *pcap;
	const char *packets;
	const char *trace;
	struct addr first; /* source address of the first exporter */
	bool json;
	bool quiet;
};

/* Defaults, then the arguments, then what follows from them. */
void options_parse(int argc, char **argv, struct options *o);

/* A number within [min, max], or the end of the program. */
double options_number(const char *name, const char *text, double min,
    double max);

#endif
