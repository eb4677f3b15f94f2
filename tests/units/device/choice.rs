//! Which device a job runs on.

use wgrad::cpu::threads;
use wgrad::device::{
    Calibration, Crowd,
    calibration::{Curve, Point, PopulationCurve},
    choice::{named, without},
    pick::{Candidate, Job, by_calibration, by_table},
    population::Host,
};
use wgrad::gpu::DeviceKey;
use wgrad::kernels::Capabilities;
use wgrad::model::{Activation, Mlp};
use wgrad::plan::{Family, Training, backprop};

fn info(name: &str, device_type: wgpu::DeviceType) -> wgpu::AdapterInfo {
    let mut info = wgpu::AdapterInfo::new(device_type, wgpu::Backend::Vulkan);
    info.name = name.to_owned();
    info.driver_info = "1.0".to_owned();
    info
}

/// An adapter with 48 KiB of workgroup memory.
fn adapter(name: &str, device_type: wgpu::DeviceType) -> Candidate {
    Candidate {
        info: info(name, device_type),
        host: Host::Adapter {
            uniform_bytes: 64 << 10,
            capabilities: Capabilities {
                software: device_type == wgpu::DeviceType::Cpu,
                workgroup_memory: 48 << 10,
                ..Capabilities::default()
            },
        },
    }
}

fn key(adapter: &Candidate) -> DeviceKey {
    DeviceKey::adapter(&adapter.info, threads())
}

fn curve(key: DeviceKey, us: [f64; 2]) -> Curve {
    let sizes = [1e3, 1e9];
    let point = |i: usize| Point {
        multiply_adds: sizes[i],
        us_per_step: us[i],
        load_us: 0.0,
    };
    Curve {
        key,
        points: vec![point(0), point(1)],
    }
}

/// A device that takes these microseconds for a step of 10 and of 1,000 networks of any size in a family, and for a step
/// of one network.
fn measured(key: DeviceKey, families: &[(Family, [f64; 2])], one: f64) -> Calibration {
    let of = |(family, us): &(Family, [f64; 2])| {
        let (family, key) = (*family, key.clone());
        [(10, us[0]), (1000, us[1])].map(|(networks, us)| PopulationCurve {
            family,
            networks,
            curve: curve(key.clone(), [us; 2]),
        })
    };
    let mut calibration = Calibration::default();
    let populations = families.iter().flat_map(of).collect();
    calibration.insert(curve(key.clone(), [one; 2]), populations);
    calibration
}

fn both(a: Calibration, b: Calibration) -> Calibration {
    Calibration {
        curves: [a.curves, b.curves].concat(),
        populations: [a.populations, b.populations].concat(),
    }
}

/// A population of `networks` networks, with ten steps per epoch.
fn crowd(widths: &[usize], networks: usize) -> Crowd {
    let mlp = Mlp::random(widths, Activation::Tanh, Activation::Identity, 0);
    let training = Training::default();
    Crowd {
        plan: backprop::train(&mlp, &training),
        data: 100,
        networks,
        folds: 1,
        multiply_adds: 3 * mlp.multiply_adds() * training.batch_size,
        steps: 10,
    }
}

#[test]
fn a_part_of_several_names_is_taken_for_the_first_and_said() {
    let names = ["SwiftShader", "llvmpipe", "llvmpipe two", "llvmpipe"].map(str::to_owned);
    assert_eq!(named(&names, "Shader"), Some((0, None)));
    assert_eq!(named(&names, "LLVMPIPE"), Some((1, None)), "its whole name");
    assert_eq!(named(&names[..2], "pipe"), Some((1, None)));
    assert_eq!(named(&names, "nvidia"), None);
    let (found, warning) = named(&names, "e").unwrap();
    assert_eq!(found, 0);
    let warning = warning.unwrap();
    assert!(
        warning.ends_with("SwiftShader; it is in llvmpipe, llvmpipe two, llvmpipe too"),
        "{warning}"
    );
}

#[test]
fn the_calibrated_pick_is_the_faster_device_at_the_size_of_the_step() {
    let adapters = [adapter("Big", wgpu::DeviceType::DiscreteGpu)];
    let mut calibration = Calibration::default();
    calibration.insert(curve(DeviceKey::cpu(threads()), [1.0, 1e6]), Vec::new());
    assert_eq!(
        by_calibration(&adapters, &calibration, &Job::Step(1000)),
        None
    );
    calibration.insert(curve(key(&adapters[0]), [100.0, 1e4]), Vec::new());
    let pick = |work| by_calibration(&adapters, &calibration, &Job::Step(work)).unwrap();
    let (small, large) = (pick(1000), pick(1_000_000_000));
    assert_eq!(small.0, None);
    assert_eq!(small.1, "calibrated: 1.0 us per step, 100 us on Big");
    assert_eq!(large.0, Some(0));
    assert_eq!(
        large.1,
        "calibrated: 10 ms per step, 1000 ms on the CPU device"
    );
}

#[test]
fn an_adapter_with_too_little_is_named() {
    let old = info("Old", wgpu::DeviceType::IntegratedGpu);
    let limits = wgpu::Limits {
        max_storage_buffers_per_shader_stage: 4,
        ..wgpu::Limits::default()
    };
    assert_eq!(
        without(&old, &limits),
        "the best adapter, Old, has too little: expected 8 storage buffers a shader stage, found 4"
    );
}

#[test]
fn a_software_adapter_is_picked_when_it_was_measured_to_win() {
    let adapters = [adapter("soft", wgpu::DeviceType::Cpu)];
    let mut calibration = Calibration::default();
    calibration.insert(curve(DeviceKey::cpu(threads()), [10.0, 1e6]), Vec::new());
    calibration.insert(curve(key(&adapters[0]), [5.0, 2e6]), Vec::new());
    let job = Job::Step;
    let pick = |work| {
        by_calibration(&adapters, &calibration, &job(work))
            .unwrap()
            .0
    };
    assert_eq!((pick(1), pick(1_000_000_000)), (Some(0), None));
    assert_eq!(by_table(&adapters, &job(1_000_000_000)).0, None);
}

#[test]
fn a_new_driver_of_a_gpu_brings_the_table_back_and_an_unmeasured_software_adapter_does_not() {
    let (gpu, soft) = (
        adapter("Big", wgpu::DeviceType::DiscreteGpu),
        adapter("soft", wgpu::DeviceType::Cpu),
    );
    let mut calibration = Calibration::default();
    calibration.insert(curve(DeviceKey::cpu(threads()), [1.0, 1e6]), Vec::new());
    calibration.insert(curve(key(&gpu), [100.0, 1e4]), Vec::new());
    let is_picked =
        |adapters: &[Candidate]| by_calibration(adapters, &calibration, &Job::Step(1000)).is_some();
    let mut both = [gpu, soft];
    assert!(is_picked(&both));
    both[0].info.driver_info = "1.1".to_owned();
    let gpu = &both[..1];
    assert!(!is_picked(gpu));
    assert_eq!(by_table(gpu, &Job::Step(10)).0, None);
    assert_eq!(by_table(gpu, &Job::Step(1_000_000_000)).0, Some(0));
}

#[test]
fn a_sweep_takes_the_device_that_is_faster_with_populations_where_one_network_is_slower() {
    let gpu = adapter("Big", wgpu::DeviceType::DiscreteGpu);
    let lanes = |us| [(Family::Lane, us), (Family::Device, [1e6; 2])];
    let cpu = measured(DeviceKey::cpu(threads()), &lanes([2.0, 200.0]), 5.0);
    let calibration = both(cpu, measured(key(&gpu), &lanes([20.0, 20.0]), 50.0));
    let adapters = std::slice::from_ref(&gpu);
    let pick = |job: &Job| by_calibration(adapters, &calibration, job).unwrap();
    let sweep = |networks| pick(&Job::Sweep(&[crowd(&[4, 8, 3], networks)]));
    let of_one = pick(&Job::Step(crowd(&[4, 8, 3], 1).multiply_adds));
    assert_eq!(of_one.0, None, "{}", of_one.1);
    assert_eq!(
        sweep(10),
        (
            None,
            "calibrated: 21 us for 10 networks, 201 us on Big".to_owned()
        )
    );
    assert_eq!(
        sweep(1000),
        (
            Some(0),
            "calibrated: 201 us for 1000 networks, 2001 us on the CPU device".to_owned()
        )
    );
    // Halfway between the two on a logarithmic scale: 20 us on both.
    assert_eq!((sweep(99).0, sweep(101).0), (None, Some(0)));
}

#[test]
fn a_sweep_is_judged_by_the_family_that_each_of_its_populations_would_use() {
    let gpu = adapter("Big", wgpu::DeviceType::DiscreteGpu);
    let slow_lanes = [
        (Family::Lane, [900.0; 2]),
        (Family::Workgroup, [9.0; 2]),
        (Family::Device, [7000.0; 2]),
    ];
    let of_cpu = [(Family::Lane, [30.0; 2]), (Family::Device, [600.0; 2])];
    let cpu = measured(DeviceKey::cpu(threads()), &of_cpu, 1.0);
    let calibration = both(cpu, measured(key(&gpu), &slow_lanes, 1.0));
    let pick = |crowds: &[Crowd]| {
        let adapters = std::slice::from_ref(&gpu);
        by_calibration(adapters, &calibration, &Job::Sweep(crowds)).unwrap()
    };
    let (lane, workgroup, device) = ([4, 8, 3], [16, 64, 10], [200, 200, 10]);
    assert_eq!(pick(&[crowd(&lane, 100)]).0, None);
    assert_eq!(pick(&[crowd(&workgroup, 100)]).0, Some(0));
    assert_eq!(pick(&[crowd(&device, 100)]).0, None);
    // Too few for lanes of the CPU device.
    assert_eq!(pick(&[crowd(&workgroup, 2)]).0, Some(0));
    let (picked, reason) = pick(&[crowd(&lane, 100), crowd(&workgroup, 100)]);
    assert_eq!(
        (picked, &reason[..]),
        (None, "calibrated: 602 us for 200 networks, 9092 us on Big")
    );
}

#[test]
fn a_short_sweep_does_not_wait_for_shaders() {
    let gpu = adapter("Big", wgpu::DeviceType::DiscreteGpu);
    let cpu = measured(DeviceKey::cpu(threads()), &[(Family::Lane, [20.0; 2])], 1.0);
    let mut compiling = measured(key(&gpu), &[(Family::Lane, [5.0; 2])], 1.0);
    // The second time, the driver has kept what it has compiled.
    compiling.populations[0].curve.points[0].load_us = 1e6;
    let calibration = both(cpu, compiling);
    let pick = |steps| {
        let crowds = [Crowd {
            steps,
            ..crowd(&[2, 2, 2], 100)
        }];
        let adapters = std::slice::from_ref(&gpu);
        by_calibration(adapters, &calibration, &Job::Sweep(&crowds)).unwrap()
    };
    assert_eq!((pick(60_000).0, pick(70_000).0), (None, Some(0)));
    let reason = pick(100_000).1;
    assert_eq!(
        reason,
        "calibrated: 1500 ms for 100 networks, 2000 ms on the CPU device"
    );
}

#[test]
fn a_sweep_is_not_judged_by_single_networks() {
    let gpu = adapter("Big", wgpu::DeviceType::DiscreteGpu);
    let cpu = measured(DeviceKey::cpu(threads()), &[(Family::Lane, [1.0; 2])], 1.0);
    let calibration = both(cpu, measured(key(&gpu), &[], 100.0));
    let crowds = [crowd(&[4, 8, 3], 100)];
    let (adapters, sweep) = ([gpu], Job::Sweep(&crowds));
    assert_eq!(by_calibration(&adapters, &calibration, &sweep), None);
    assert_eq!(by_table(&adapters, &sweep).0, None, "100 small networks");
    let many = [crowd(&[4, 8, 3], 10_000)];
    assert_eq!(by_table(&adapters, &Job::Sweep(&many)).0, Some(0));
}
