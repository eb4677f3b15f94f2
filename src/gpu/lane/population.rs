//! Many networks at once in the lane family.

use super::buffers::Buffers;
use super::grid::{Grid, place};
use super::session::LaneSession;
use crate::Error;
use crate::kernels::{Buffer, Status, Step};
use crate::plan::{Family, Member, Phase, Population, PopulationWatch, Session};

impl Population for LaneSession {
    fn write(&mut self, buffer: Buffer, values: &[f32]) -> Result<(), Error> {
        Session::write(self, buffer, values)
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, Error> {
        Session::read(self, buffer)
    }

    fn run(
        &mut self,
        phase: Phase,
        schedules: &[Vec<Step>],
        watch: &PopulationWatch,
    ) -> Result<(), Error> {
        let schedules: Vec<&[Step]> = schedules.iter().map(Vec::as_slice).collect();
        self.replay(phase, &schedules, watch)
    }

    fn diverged(&mut self) -> Result<Vec<bool>, Error> {
        let of = |invocation: &usize| self.status[*invocation] != Status::FINE;
        Ok(self.grid.invocations.iter().map(of).collect())
    }

    fn keep(&mut self, networks: &[usize]) -> Result<(), Error> {
        let words = self.kept()?;
        let members: Vec<Member> = networks.iter().map(|&n| self.grid.members[n]).collect();
        let grid = Grid::new(&members, self.grid.workgroup);
        let mut kept = vec![0u32; self.layout.kept * grid.len];
        for (new, &old) in networks.iter().enumerate() {
            let (from, to) = (self.grid.invocations[old], grid.invocations[new]);
            for k in 0..self.layout.kept {
                kept[place(k, to, grid.len)] = words[self.place(k, from)];
            }
        }
        let old = |network: usize| self.status[self.grid.invocations[networks[network]]];
        let status = grid.spread(old, Status::FINE);
        self.buffers = Buffers::new(&self.gpu, self.layout.kept, &grid)?;
        let (gpu, buffers) = (&self.gpu, &self.buffers);
        gpu.write(&buffers.kept, 0, bytemuck::cast_slice(&kept))?;
        gpu.write(&buffers.status, 0, bytemuck::cast_slice(&status))?;
        (self.grid, self.status) = (grid, status);
        self.gpu.check()
    }

    fn family(&self) -> Family {
        Family::Lane
    }
}
