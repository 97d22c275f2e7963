/* The vector table of a Cortex-M7, and what happens before the C library starts. */
#include <stdint.h>

extern uint32_t __stack;
extern void _start(void);
void reset(void);

__attribute__((section(".vectors"), used)) static const struct {
    const void *stack;
    void (*reset)(void);
} vectors = {&__stack, reset};

/* The floating-point unit has to be switched on. */
void reset(void)
{
    volatile uint32_t *coprocessors = (volatile uint32_t *)UINT32_C(0xe000ed88);

    *coprocessors |= UINT32_C(0xf) << 20;
    __asm volatile("dsb\n isb");
    _start();
}
