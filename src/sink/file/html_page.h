// The fixed parts of the html report.
#ifndef GABION_SINK_FILE_HTML_PAGE_H
#define GABION_SINK_FILE_HTML_PAGE_H

extern const char gb_html_style[], gb_html_script[], gb_html_filter[];

#endif
