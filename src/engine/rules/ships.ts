import type { Cargo, Design, Group, Levels } from './model.ts'

/** Light years that a ship of nothing but drive makes in a turn, at drive technology 1. */
const fullSpeed = 20

/** The mass at which shields protect exactly as much as they are: larger ships are easier to hit. */
const standardMass = 30

/** Mass of the empty ship: the first gun weighs what its attack is, each further one half of that. */
export function designMass({ drive, attack, weapons, shields, cargo }: Design): number {
  return drive + (weapons > 0 ? (attack * (weapons + 1)) / 2 : 0) + shields + cargo
}

/** What one ship can carry. */
export function capacity({ cargo }: Design, levels: Levels): number {
  return levels.cargo * (cargo + (cargo * cargo) / 10)
}

/** Light years each turn, with `load` units of cargo in each ship. Better holds make a load weigh less. */
export function speed(design: Design, levels: Levels, load: number): number {
  return (fullSpeed * levels.drive * design.drive) / (designMass(design) + load / levels.cargo)
}

export function groupSpeed({ design, levels, cargo, ships }: Group): number {
  return speed(design, levels, loadPerShip(cargo, ships))
}

export function isArmed({ design }: Group): boolean {
  return design.weapons > 0 && design.attack > 0
}

/** Effort that one ship costs on a planet of these resources. */
export function shipCost(design: Design, resources: number): number {
  return designMass(design) * (10 + 1 / resources)
}

/**
 * The chance that one shot destroys its target: equal attack and defence make it one half. It is never zero, so that
 * every battle between armed ships comes to an end.
 */
export function hitChance(shooter: Group, target: Group): number {
  const attack = shooter.design.attack * shooter.levels.weapons
  const mass = designMass(target.design) + loadPerShip(target.cargo, target.ships) / target.levels.cargo
  const defence = target.design.shields * target.levels.shields * Math.sqrt(standardMass / mass)
  return (attack * attack) / (attack * attack + defence * defence)
}

/** People that the group's bombs kill in one turn. */
export function bombPower({ design, levels, ships }: Group): number {
  return ships * design.weapons * design.attack * levels.weapons
}

function loadPerShip(cargo: Cargo | null, ships: number): number {
  return cargo && ships > 0 ? cargo.amount / ships : 0
}
