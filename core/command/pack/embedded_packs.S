// The compiled packs as they lie on the disk after the build: read-only data, no relocation.
    .section .rodata.prodaccess_packs, "a", %progbits
    .balign 16
    .globl prodaccess_packs_begin
    .hidden prodaccess_packs_begin
    .globl prodaccess_packs_end
    .hidden prodaccess_packs_end
prodaccess_packs_begin:
    .incbin "built_in_packs.blob"
prodaccess_packs_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
