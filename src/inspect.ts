export { type DecisionFacts, inWords } from './decision-words.js';
export { type InspectionTarget, inspector } from './inspection/inspector.js';
export { redacted } from './inspection/redacted.js';
