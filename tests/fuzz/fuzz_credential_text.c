// Files with credentials: the first byte picks the format.
#include "source/host/credential_text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    enum gb_credential_format format =
        (enum gb_credential_format)(data[0] % (GB_CREDENTIAL_RCLONE + 1));
    struct gb_str text = {(const char *)data + 1, size - 1};
    struct gb_credential_answer answer = gb_credential_look(format, text);
    assert(answer.name_count <= GB_CREDENTIAL_NAMES_MAX);
    for (size_t i = 0; i < answer.name_count; i++)
        assert(answer.names[i].len > 0 && answer.names[i].len <= 128);
    assert(gb_credential_keeps_name(answer.keeps)[0] != '\0');
    return 0;
}
