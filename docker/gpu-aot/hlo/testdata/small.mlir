// The program of small.hlo: three products of different precision, a state that is updated in place, and rows taken from a table.
module @small {
  func.func @main(%state: tensor<64x64xf32> {tf.aliasing_output = 0 : i32}, %x: tensor<64x32xbf16>, %table: tensor<4096x64xf32>,
      %rows: tensor<8x1xi32>) -> (tensor<64x64xf32>, tensor<64x64xf32>, tensor<8x64xf32>) {
    %product = stablehlo.dot_general %x, %x, contracting_dims = [1] x [1] : (tensor<64x32xbf16>, tensor<64x32xbf16>) -> tensor<64x64xbf16>
    %wide = stablehlo.convert %product : (tensor<64x64xbf16>) -> tensor<64x64xf32>
    %next = stablehlo.add %state, %wide : tensor<64x64xf32>
    %tf32 = stablehlo.dot_general %next, %next, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT]
        : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
    %exact = stablehlo.dot_general %tf32, %next, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST]
        : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
    %taken = "stablehlo.gather"(%table, %rows) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0],
        start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 64>}> : (tensor<4096x64xf32>, tensor<8x1xi32>) -> tensor<8x64xf32>
    return %next, %exact, %taken : tensor<64x64xf32>, tensor<64x64xf32>, tensor<8x64xf32>
  }
}
