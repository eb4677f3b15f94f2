// Cooperative matrices of 8 by 8 (tile_cooperative.wgsl).

const SIZE = 8u;
const TILE_ROWS = 32u;
const TILE_COLUMNS = 32u;
alias Left = coop_mat8x8<f16, A>;
alias Right = coop_mat8x8<f16, B>;
alias Sums = coop_mat8x8<f32, C>;
