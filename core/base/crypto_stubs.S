// A stub for each function of crypto_functions.inc: jumps to the address in its slot, in the order
// of the list. The slots are filled by prepare_crypto (crypto_library.cc).

#if defined(__x86_64__)
#define JUMP(name) jmp *crypto_slot_##name(%rip)
#elif defined(__aarch64__)
#define JUMP(name) adrp x16, crypto_slot_##name; ldr x16, [x16, :lo12:crypto_slot_##name]; br x16
#else
#error "crypto_stubs.S has no jump for this processor yet"
#endif

  .bss
  .balign 8
  .globl crypto_slots
  .hidden crypto_slots
crypto_slots:
#define CRYPTO_FUNCTION(name) crypto_slot_##name: .zero 8;
#include "core/base/crypto_functions.inc"
#undef CRYPTO_FUNCTION

  .text
#define CRYPTO_FUNCTION(name) \
  .balign 8; .globl name; .hidden name; .type name, %function; \
  name: JUMP(name); .size name, . - name;
#include "core/base/crypto_functions.inc"

  .section .note.GNU-stack, "", %progbits
