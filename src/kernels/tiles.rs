//! Tiles of matrix products on GPUs (`shaders/tiles/tile.wgsl`): their sizes, and which of them a product gets.
//!
//! The choice goes by figures of an NVIDIA H200 (132 cores; `benches/README.md`). As long as a product does not fill the
//! GPU, a workgroup waits for its own loads and sums, so that many small tiles beat few large ones: 1,024 rows by 784 terms by
//! 128 columns take 23 us by 128 small tiles, 30 by 512 skinny ones, and 52 by 32 large ones. Once the GPU is full, what
//! counts is how many multiply-adds a load feeds: 16,384 by 784 by 128 takes 92 us by huge tiles, 96 by large and 156 by small
//! ones. WebGPU does not say how many cores a GPU has: `from_groups` are the workgroups from which on each tile was the
//! fastest on that card. On a smaller one larger tiles win earlier, which timing finds (`gpu/buffers/autotune.rs`).
//!
//! A product with few rows and columns and very many terms, as a weight gradient over a large batch, fills no GPU by its tiles:
//! its terms are cut into slices (`slices.rs`).
//!
//! A tile must not be mostly edge either: it is taken only if the sums that it computes, those beyond the edges included,
//! are at most half as many again as the next smaller tile's.
//!
//! What is left is for the plain variant: products with so few rows, columns or terms that there is nothing to reuse.

use crate::kernels::variant::tiles;

/// The sizes of a matrix product: left (rows, terms) times right (terms, columns).
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// Rows of the left operand.
    pub rows: usize,
    /// Columns of the right one.
    pub columns: usize,
    /// Terms of a sum.
    pub terms: usize,
}

/// A tile: what one workgroup computes (`TILE_ROWS`, `TILE_COLUMNS` and `TILE_TERMS` of its shader).
#[derive(Debug)]
pub struct Tile {
    /// Name of its file and of its variants.
    pub name: &'static str,
    /// Rows of sums.
    pub rows: usize,
    /// Columns of sums.
    pub columns: usize,
    /// Terms that are in workgroup memory at once.
    pub terms: usize,
    /// Workgroups from which on it pays.
    pub from_groups: u64,
    /// The next smaller tile.
    pub smaller: Option<&'static Tile>,
}

/// `tile_huge.wgsl`: 8 by 8 sums a lane, 256 lanes.
pub static HUGE: Tile = Tile {
    name: "tile_huge",
    rows: 128,
    columns: 128,
    terms: 16,
    from_groups: 128,
    smaller: Some(&LARGE),
};

/// `tile_large.wgsl`: 8 by 8 sums a lane.
pub static LARGE: Tile = Tile {
    name: "tile_large",
    rows: 64,
    columns: 64,
    terms: 16,
    from_groups: 192,
    smaller: Some(&SMALL),
};

/// `tile_small.wgsl`: 4 by 4 sums a lane.
pub static SMALL: Tile = Tile {
    name: "tile_small",
    rows: 32,
    columns: 32,
    terms: 16,
    from_groups: 112,
    smaller: Some(&SKINNY),
};

/// `tile_skinny.wgsl`: 1 by 4 sums a lane.
pub static SKINNY: Tile = Tile {
    name: "tile_skinny",
    rows: 16,
    columns: 16,
    terms: 32,
    from_groups: 1,
    smaller: None,
};

/// `cooperative_16.wgsl`: 4 by 4 matrices of 16 by 16 sums.
pub static COOPERATIVE_16: Tile = cooperative_tile("cooperative_16", 16);
/// `cooperative_8.wgsl`: 4 by 4 matrices of 8 by 8 sums.
pub static COOPERATIVE_8: Tile = cooperative_tile("cooperative_8", 8);
/// `tile_registers.wgsl`: 16 by 16 sums a lane, 8 lanes.
pub static REGISTERS: Tile = Tile {
    name: "registers",
    rows: 32,
    columns: 64,
    terms: 8,
    from_groups: 1,
    smaller: None,
};
/// The tiles of cooperative matrices, those an adapter should rather use first.
pub static COOPERATIVE: [&Tile; 2] = [&COOPERATIVE_16, &COOPERATIVE_8];

const fn cooperative_tile(name: &'static str, size: usize) -> Tile {
    Tile {
        name,
        rows: 4 * size,
        columns: 4 * size,
        terms: 32,
        from_groups: 1,
        smaller: None,
    }
}

/// Every tile that adds in order, the largest first.
pub static ALL: [&Tile; 4] = [&HUGE, &LARGE, &SMALL, &SKINNY];

/// Rows and columns under which a tile needs [`MANY_TERMS`]: less than a lane's texel.
const FEWEST: usize = 4;
const MANY_TERMS: usize = 64;
/// Terms under which a tile needs [`MANY_SUMS`]: what is loaded is hardly used.
const FEWEST_TERMS: usize = 16;
const MANY_SUMS: usize = 1 << 19;

impl Tile {
    /// Workgroups of a product.
    pub fn groups(&self, product: &Product) -> u64 {
        tiles([product.columns, product.rows], [self.columns, self.rows])
    }

    /// Whether it is worth while for a product, if no larger tile is.
    pub fn pays(&self, product: &Product) -> bool {
        let Product {
            rows,
            columns,
            terms,
        } = *product;
        let thin = match terms < FEWEST_TERMS {
            true => rows * columns < MANY_SUMS || rows.min(columns) < FEWEST,
            false => rows.min(columns) < FEWEST && terms < MANY_TERMS,
        };
        let fills = self.groups(product) >= self.from_groups;
        !thin && fills && !self.is_edge(product)
    }

    /// Whether it would mostly compute sums beyond the edges.
    fn is_edge(&self, product: &Product) -> bool {
        let is_edge = |smaller: &Tile| 2 * self.sums(product) > 3 * smaller.sums(product);
        self.smaller.is_some_and(is_edge)
    }

    /// Bytes of workgroup memory: a texel of each line is left free.
    pub const fn workgroup_memory(&self) -> u32 {
        ((self.rows / 4 + 1 + self.columns / 4 + 1) * self.terms * 16) as u32
    }

    /// Bytes of workgroup memory of a tile of cooperative matrices: terms in f16, 8 of each line left free, and a matrix of
    /// sums of each subgroup.
    pub const fn cooperative_memory(&self) -> u32 {
        let size = self.rows / 4;
        (2 * 2 * self.terms * (self.rows + 8) + 4 * 4 * size * size) as u32
    }

    /// Sums that are computed, those beyond the edges included.
    pub(crate) fn sums(&self, product: &Product) -> u64 {
        self.groups(product) * (self.rows * self.columns) as u64
    }
}

/// The variants of a matrix product's kernel: its unit function, its file for tiles, each with what it needs beside it; its
/// product; and variants that are preferred to tiles.
macro_rules! product_variants {
    ($unit:literal $(and $call:literal)*, $file:literal $(and $also:literal)*, $product:ident $(, $first:expr)* $(,)?) => {
        &[
            $crate::kernels::tiles::cooperative!(COOPERATIVE_16, "cooperative_16", $file $(and $also)*, $product),
            $crate::kernels::tiles::cooperative!(COOPERATIVE_8, "cooperative_8", $file $(and $also)*, $product),
            $($first,)*
            $crate::kernels::tiles::tile!(HUGE, "tile_huge", $file and "tile_quarters" $(and $also)*, $product),
            $crate::kernels::tiles::tile!(LARGE, "tile_large", $file and "tile_quarters" $(and $also)*, $product),
            $crate::kernels::tiles::tile!(SMALL, "tile_small", $file $(and $also)*, $product),
            $crate::kernels::tiles::tile!(SKINNY, "tile_skinny", $file $(and $also)*, $product),
            $crate::kernels::tiles::registers!($file $(and $also)*, $product),
            $crate::kernels::variant::plain!($unit $(and $call)*),
        ]
    };
}
pub(crate) use product_variants;

/// The variant of a product's kernel by a tile: the tile, its file, the kernel's file (and others that it needs), and its
/// product.
macro_rules! tile {
    ($tile:ident, $tile_file:literal, $file:literal $(and $also:literal)*, $product:ident) => {
        $crate::kernels::variant::Variant {
            name: $crate::kernels::tiles::$tile.name,
            entry: concat!("run_", $file),
            sources: $crate::kernels::variant::sources!(
                "tiles/tile",
                "tiles/tile_terms",
                concat!("tiles/", $tile_file),
                $(concat!("tiles/", $also),)*
                concat!("tiles/", $file),
            ),
            needs: $crate::kernels::variant::Needs {
                cooperative: None,
                workgroup_memory: $crate::kernels::tiles::$tile.workgroup_memory(),
            },
            shape: $crate::kernels::variant::any_shape,
            made_for: $crate::kernels::variant::MadeFor::Hardware,
            pays: |sizes| $crate::kernels::tiles::$tile.pays(&$product(sizes)),
            exact: true,
            groups: |load| $crate::kernels::tiles::$tile.groups(&$product(load.sizes)),
            reduction: None,
        }
    };
}
pub(crate) use tile;

/// The same by cooperative matrices. It is for who asks for it, on any adapter that has them.
macro_rules! cooperative {
    ($tile:ident, $tile_file:literal, $file:literal $(and $also:literal)*, $product:ident) => {
        $crate::kernels::variant::Variant {
            sources: $crate::kernels::variant::sources!(
                "tiles/tile",
                concat!("tiles/", $tile_file),
                "tiles/tile_cooperative",
                $(concat!("tiles/", $also),)*
                concat!("tiles/", $file),
            ),
            needs: $crate::kernels::variant::Needs {
                cooperative: Some($crate::kernels::tiles::$tile.rows as u32 / 4),
                workgroup_memory: $crate::kernels::tiles::$tile.cooperative_memory(),
            },
            made_for: $crate::kernels::variant::MadeFor::All,
            pays: |sizes| $crate::kernels::tiles::pays_cooperative(&$product(sizes)),
            exact: false,
            ..$crate::kernels::tiles::tile!($tile, $tile_file, $file $(and $also)*, $product)
        }
    };
}
pub(crate) use cooperative;

/// The same by `tile_registers.wgsl`.
macro_rules! registers {
    ($file:literal $(and $also:literal)*, $product:ident) => {
        $crate::kernels::variant::Variant {
            sources: $crate::kernels::variant::sources!(
                "tiles/tile_registers",
                $(concat!("tiles/", $also),)*
                concat!("tiles/", $file),
            ),
            needs: $crate::kernels::variant::Needs::NOTHING,
            made_for: $crate::kernels::variant::MadeFor::Software,
            pays: |sizes| $crate::kernels::tiles::pays_in_registers(&$product(sizes)),
            ..$crate::kernels::tiles::tile!(REGISTERS, "tile_registers", $file $(and $also)*, $product)
        }
    };
}
pub(crate) use registers;

/// Multiply-adds under which `tile_registers.wgsl` does not pay: a driver compiles it ten times as long as the plain variant.
const FEWEST_IN_REGISTERS: usize = 1 << 13;

/// Whether sums in registers are worth while for a product.
pub fn pays_in_registers(product: &Product) -> bool {
    product.rows * product.columns * product.terms >= FEWEST_IN_REGISTERS
}

/// Rows, columns and terms under which cooperative matrices do not pay: those of one matrix.
const FEWEST_COOPERATIVE: usize = 16;

/// Whether cooperative matrices are worth while for a product: they multiply so much faster than lanes that edges do not
/// count.
pub fn pays_cooperative(product: &Product) -> bool {
    let least = product.rows.min(product.columns).min(product.terms);
    least >= FEWEST_COOPERATIVE
}
