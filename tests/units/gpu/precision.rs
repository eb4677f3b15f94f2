//! Which cooperative matrices are usable.

use wgpu::CooperativeScalarType::{F16, F32};
use wgrad::gpu::adapter::precision::usable;
use wgrad::kernels::Capabilities;

#[test]
fn matrices_are_usable_where_all_subgroups_are_of_one_size() {
    let matrix = |size, cr_type| wgpu::CooperativeMatrixProperties {
        m_size: size,
        n_size: size,
        k_size: size,
        ab_type: F16,
        cr_type,
        saturating_accumulation: false,
    };
    let usable = |properties: &[_], subgroup| {
        let has = Capabilities {
            subgroup,
            ..Capabilities::default()
        };
        usable(properties, &has)
    };
    let both = [matrix(8, F32), matrix(16, F32)];
    assert_eq!(usable(&both, Some(32)), Some(16));
    assert_eq!(usable(&both, None), None);
    assert_eq!(usable(&both[..1], Some(32)), Some(8));
    assert_eq!(usable(&[matrix(16, F16), matrix(4, F32)], Some(32)), None);
}
