import ElkModule, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk.bundled.js';
import type { Chart, ChartEdge, ChartState } from '../messages.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box extends Point {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export interface PlacedState extends Box {
  readonly name: string;
  readonly isInitial: boolean;
  readonly isParent: boolean;
}

export interface PlacedEdge {
  readonly edge: ChartEdge;
  readonly points: readonly Point[];
}

export type Direction = 'RIGHT' | 'DOWN';

/** A chart with a position for every part, in px from its upper left corner. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly states: readonly PlacedState[];
  readonly edges: readonly PlacedEdge[];
}

/** Parents have room for their name above their children. */
const parentOptions = { 'elk.padding': '[top=40,left=18,bottom=18,right=18]' };

/** The initial state is drawn first. */
const firstOptions = { 'elk.layered.layering.layerConstraint': 'FIRST' };

/** A vertical chart is for a narrow screen: its parts are closer together, so that names stay legible. */
const options = (direction: Direction): Record<string, string> => {
  const spaced = (px: number) => String(direction === 'DOWN' ? Math.round(px * 0.55) : px);
  return {
    'elk.algorithm': 'layered',
    'elk.direction': direction,
    'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
    'elk.edgeRouting': 'ORTHOGONAL',
    // Edges to the same state are merged: a chart has more edges than a reader can follow.
    'elk.layered.mergeEdges': 'true',
    'elk.layered.spacing.nodeNodeBetweenLayers': spaced(30),
    'elk.layered.spacing.edgeNodeBetweenLayers': spaced(14),
    'elk.layered.spacing.edgeEdgeBetweenLayers': spaced(11),
    'elk.spacing.nodeNode': spaced(26),
    'elk.spacing.edgeNode': spaced(16),
    'elk.spacing.edgeEdge': spaced(12),
    'elk.padding': '[top=8,left=8,bottom=8,right=8]',
    // The positions of edges are relative to the root, not to the parents of their ends.
    'json.edgeCoords': 'ROOT',
  };
};

/** The width of a state's name, px. */
type Measure = (name: string) => number;

/** Finds a position for every state and edge, with ELK's layered algorithm. */
export async function layOut(chart: Chart, direction: Direction, measure: Measure): Promise<Layout> {
  const elk = new ElkModule.default();
  const root: ElkNode = await elk.layout<ElkNode>({
    id: chart.name,
    layoutOptions: options(direction),
    children: chart.states.map((state) => nodeFor(state, measure, true)),
    edges: chart.edges.map(({ id, source, target }) => ({ id, sources: [source], targets: [target] })),
  });
  const byId = new Map(flatten(chart.states).map((state) => [state.id, state]));
  return {
    width: root.width ?? 0,
    height: root.height ?? 0,
    states: placedStates(root, byId, { x: 0, y: 0 }),
    edges: chart.edges.flatMap((edge) => placedEdge(edge, root.edges ?? [])),
  };
}

function nodeFor(state: ChartState, measure: Measure, isOutermost: boolean): ElkNode {
  const place = isOutermost && state.isInitial ? firstOptions : {};
  if (state.states.length > 0) {
    return {
      id: state.id,
      layoutOptions: { ...parentOptions, ...place },
      children: state.states.map((inner) => nodeFor(inner, measure, false)),
    };
  }
  return { id: state.id, width: Math.max(96, measure(state.name) + 46), height: 44, layoutOptions: place };
}

function flatten(states: readonly ChartState[]): ChartState[] {
  return states.flatMap((state) => [state, ...flatten(state.states)]);
}

/** The absolute positions of states: ELK's are relative to their parents. */
function placedStates(node: ElkNode, byId: Map<string, ChartState>, origin: Point): PlacedState[] {
  return (node.children ?? []).flatMap((child) => {
    const { id, width = 0, height = 0 } = child;
    const state = byId.get(id);
    const at = { x: origin.x + (child.x ?? 0), y: origin.y + (child.y ?? 0) };
    if (state === undefined) return [];
    const { name, isInitial } = state;
    const self = { id, name, isInitial, isParent: state.states.length > 0, width, height, ...at };
    return [self, ...placedStates(child, byId, at)];
  });
}

function placedEdge(edge: ChartEdge, all: readonly ElkExtendedEdge[]): PlacedEdge[] {
  const section = all.find(({ id }) => id === edge.id)?.sections?.[0];
  if (section === undefined) return [];
  return [{ edge, points: [section.startPoint, ...(section.bendPoints ?? []), section.endPoint] }];
}
