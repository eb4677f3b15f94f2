// Cooperative matrices of 16 by 16 (tile_cooperative.wgsl).

const SIZE = 16u;
const TILE_ROWS = 64u;
const TILE_COLUMNS = 64u;
alias Left = coop_mat16x16<f16, A>;
alias Right = coop_mat16x16<f16, B>;
alias Sums = coop_mat16x16<f32, C>;
