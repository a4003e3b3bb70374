// SPDX-License-Identifier: Apache-2.0

#include "textflag.h"

// ARGS loads the arguments of kernel.add; SHIFT is the logarithm of an element's size. The rows of A are at AX + i·R8 for i = 0, 1, 2,
// 4; R9, R10 and R11 hold three, five and seven times R8.
#define ARGS(SHIFT) \
	MOVQ c+0(FP), DI; \
	MOVQ ldc+8(FP), SI; \
	MOVQ a+16(FP), AX; \
	MOVQ rs+24(FP), R8; \
	MOVQ cs+32(FP), DX; \
	MOVQ b+40(FP), BX; \
	MOVQ depth+48(FP), CX; \
	SHLQ SHIFT, SI; \
	SHLQ SHIFT, R8; \
	SHLQ SHIFT, DX; \
	LEAQ (R8)(R8*2), R9; \
	LEAQ (R8)(R8*4), R10; \
	LEAQ (R9)(R8*4), R11

// ROW adds one element of A times a row of B to a row of C, which is in registers.
#define ROW(BROADCAST, FMA, ADDRESS, E, B0, B1, C0, C1) \
	BROADCAST ADDRESS, E; \
	FMA B0, E, C0; \
	FMA B1, E, C1

#define ROWS4(BROADCAST, FMA, E, B0, B1, C0, C1, C2, C3, C4, C5, C6, C7) \
	ROW(BROADCAST, FMA, (AX), E, B0, B1, C0, C1); \
	ROW(BROADCAST, FMA, (AX)(R8*1), E, B0, B1, C2, C3); \
	ROW(BROADCAST, FMA, (AX)(R8*2), E, B0, B1, C4, C5); \
	ROW(BROADCAST, FMA, (AX)(R9*1), E, B0, B1, C6, C7)

// STORE adds a row of registers to C and goes to the next row.
#define STORE(ADD, MOVE, SIZE, C0, C1) \
	ADD (DI), C0, C0; \
	ADD SIZE(DI), C1, C1; \
	MOVE C0, (DI); \
	MOVE C1, SIZE(DI); \
	ADDQ SI, DI

#define ZERO(XOR, C0, C1, C2, C3) \
	XOR C0, C0, C0; \
	XOR C1, C1, C1; \
	XOR C2, C2, C2; \
	XOR C3, C3, C3

// Eight rows of two AVX-512 registers.
#define WIDE(SHIFT, BROADCAST, FMA, ADD, MOVE) \
	ARGS(SHIFT); \
	ZERO(VPXORQ, Z0, Z1, Z2, Z3); \
	ZERO(VPXORQ, Z4, Z5, Z6, Z7); \
	ZERO(VPXORQ, Z8, Z9, Z10, Z11); \
	ZERO(VPXORQ, Z12, Z13, Z14, Z15); \
loop:                                    \
	MOVE (BX), Z16; \
	MOVE 64(BX), Z17; \
	ROWS4(BROADCAST, FMA, Z18, Z16, Z17, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7); \
	ROW(BROADCAST, FMA, (AX)(R8*4), Z18, Z16, Z17, Z8, Z9); \
	ROW(BROADCAST, FMA, (AX)(R10*1), Z18, Z16, Z17, Z10, Z11); \
	ROW(BROADCAST, FMA, (AX)(R9*2), Z18, Z16, Z17, Z12, Z13); \
	ROW(BROADCAST, FMA, (AX)(R11*1), Z18, Z16, Z17, Z14, Z15); \
	ADDQ $128, BX; \
	ADDQ DX, AX; \
	DECQ CX; \
	JNZ  loop; \
	STORE(ADD, MOVE, 64, Z0, Z1); \
	STORE(ADD, MOVE, 64, Z2, Z3); \
	STORE(ADD, MOVE, 64, Z4, Z5); \
	STORE(ADD, MOVE, 64, Z6, Z7); \
	STORE(ADD, MOVE, 64, Z8, Z9); \
	STORE(ADD, MOVE, 64, Z10, Z11); \
	STORE(ADD, MOVE, 64, Z12, Z13); \
	STORE(ADD, MOVE, 64, Z14, Z15); \
	VZEROUPPER; \
	RET

// Four rows of two AVX2 registers.
#define NARROW(SHIFT, BROADCAST, FMA, ADD, MOVE) \
	ARGS(SHIFT); \
	ZERO(VXORPS, Y0, Y1, Y2, Y3); \
	ZERO(VXORPS, Y4, Y5, Y6, Y7); \
loop:                                    \
	MOVE (BX), Y8; \
	MOVE 32(BX), Y9; \
	ROWS4(BROADCAST, FMA, Y10, Y8, Y9, Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7); \
	ADDQ $64, BX; \
	ADDQ DX, AX; \
	DECQ CX; \
	JNZ  loop; \
	STORE(ADD, MOVE, 32, Y0, Y1); \
	STORE(ADD, MOVE, 32, Y2, Y3); \
	STORE(ADD, MOVE, 32, Y4, Y5); \
	STORE(ADD, MOVE, 32, Y6, Y7); \
	VZEROUPPER; \
	RET

// func add8x32(c *float32, ldc int, a *float32, rs, cs int, b *float32, depth int)
TEXT ·add8x32(SB), NOSPLIT, $0-56
	WIDE($2, VBROADCASTSS, VFMADD231PS, VADDPS, VMOVUPS)

// func add8x16(c *float64, ldc int, a *float64, rs, cs int, b *float64, depth int)
TEXT ·add8x16(SB), NOSPLIT, $0-56
	WIDE($3, VBROADCASTSD, VFMADD231PD, VADDPD, VMOVUPD)

// func add4x16(c *float32, ldc int, a *float32, rs, cs int, b *float32, depth int)
TEXT ·add4x16(SB), NOSPLIT, $0-56
	NARROW($2, VBROADCASTSS, VFMADD231PS, VADDPS, VMOVUPS)

// func add4x8(c *float64, ldc int, a *float64, rs, cs int, b *float64, depth int)
TEXT ·add4x8(SB), NOSPLIT, $0-56
	NARROW($3, VBROADCASTSD, VFMADD231PD, VADDPD, VMOVUPD)

// SUM adds the lanes of a register and stores their sum.
#define SUM(Y, X, ADDRESS) \
	VEXTRACTF128 $1, Y, X12; \
	VADDPD X12, X, X; \
	VHADDPD X, X, X; \
	VMOVSD X, ADDRESS

// func dot4(rows *float64, stride int, x *float64, n int, sums *[4]float64)
TEXT ·dot4(SB), NOSPLIT, $0-40
	MOVQ rows+0(FP), AX
	MOVQ stride+8(FP), R8
	MOVQ x+16(FP), BX
	MOVQ n+24(FP), CX
	MOVQ sums+32(FP), DX
	SHLQ $3, R8
	LEAQ (R8)(R8*2), R9
	ZERO(VXORPS, Y0, Y1, Y2, Y3)
dots:
	VMOVUPD (BX), Y4
	VFMADD231PD (AX), Y4, Y0
	VFMADD231PD (AX)(R8*1), Y4, Y1
	VFMADD231PD (AX)(R8*2), Y4, Y2
	VFMADD231PD (AX)(R9*1), Y4, Y3
	ADDQ $32, AX
	ADDQ $32, BX
	SUBQ $4, CX
	JNZ  dots
	SUM(Y0, X0, (DX))
	SUM(Y1, X1, 8(DX))
	SUM(Y2, X2, 16(DX))
	SUM(Y3, X3, 24(DX))
	VZEROUPPER
	RET

// func add4(rows *float64, stride int, y *float64, n int, factors *[4]float64)
TEXT ·add4(SB), NOSPLIT, $0-40
	MOVQ rows+0(FP), AX
	MOVQ stride+8(FP), R8
	MOVQ y+16(FP), BX
	MOVQ n+24(FP), CX
	MOVQ factors+32(FP), DX
	SHLQ $3, R8
	LEAQ (R8)(R8*2), R9
	VBROADCASTSD (DX), Y0
	VBROADCASTSD 8(DX), Y1
	VBROADCASTSD 16(DX), Y2
	VBROADCASTSD 24(DX), Y3
adds:
	VMOVUPD (BX), Y4
	VFMADD231PD (AX), Y0, Y4
	VFMADD231PD (AX)(R8*1), Y1, Y4
	VFMADD231PD (AX)(R8*2), Y2, Y4
	VFMADD231PD (AX)(R9*1), Y3, Y4
	VMOVUPD Y4, (BX)
	ADDQ $32, AX
	ADDQ $32, BX
	SUBQ $4, CX
	JNZ  adds
	VZEROUPPER
	RET

// func both4(rows *float64, stride int, x, y *float64, n int, factors, sums *[4]float64)
TEXT ·both4(SB), NOSPLIT, $0-56
	MOVQ rows+0(FP), AX
	MOVQ stride+8(FP), R8
	MOVQ x+16(FP), BX
	MOVQ y+24(FP), DI
	MOVQ n+32(FP), CX
	MOVQ factors+40(FP), DX
	MOVQ sums+48(FP), SI
	SHLQ $3, R8
	LEAQ (R8)(R8*2), R9
	ZERO(VXORPS, Y0, Y1, Y2, Y3)
	VBROADCASTSD (DX), Y8
	VBROADCASTSD 8(DX), Y9
	VBROADCASTSD 16(DX), Y10
	VBROADCASTSD 24(DX), Y11
both:
	VMOVUPD (BX), Y4
	VMOVUPD (DI), Y5
	VMOVUPD (AX), Y6
	VMOVUPD (AX)(R8*1), Y7
	VMOVUPD (AX)(R8*2), Y13
	VMOVUPD (AX)(R9*1), Y14
	VFMADD231PD Y6, Y4, Y0
	VFMADD231PD Y7, Y4, Y1
	VFMADD231PD Y13, Y4, Y2
	VFMADD231PD Y14, Y4, Y3
	VFMADD231PD Y6, Y8, Y5
	VFMADD231PD Y7, Y9, Y5
	VFMADD231PD Y13, Y10, Y5
	VFMADD231PD Y14, Y11, Y5
	VMOVUPD Y5, (DI)
	ADDQ $32, AX
	ADDQ $32, BX
	ADDQ $32, DI
	SUBQ $4, CX
	JNZ  both
	SUM(Y0, X0, (SI))
	SUM(Y1, X1, 8(SI))
	SUM(Y2, X2, 16(SI))
	SUM(Y3, X3, 24(SI))
	VZEROUPPER
	RET
