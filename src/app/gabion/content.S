// The packed content as read-only bytes: gb_content_begin to gb_content_end.
    .section .rodata
    .globl gb_content_begin
    .globl gb_content_end
    .balign 16
gb_content_begin:
    .incbin "content.json"
gb_content_end:
    .byte 0
    .section .note.GNU-stack, "", @progbits
