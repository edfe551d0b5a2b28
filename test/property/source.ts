import type { TokenDetails } from '../../src/index.js';
import type { Ledger } from './ledger.js';
import { errorResponse, type Question, type Questions } from './questions.js';
import { MARK } from './secret-search.js';
import type { Step } from './steps.js';

/** The lifetime of the tokens of a working source, ms. */
const LIFE = 60_000;

/** What a source and a service can do. */
export type SourceStep = Extract<
  Step,
  {
    readonly do:
      | 'source'
      | 'answer'
      | 'answer late'
      | 'answer the same'
      | 'answer nonsense'
      | 'fail'
      | 'respond';
  }
>;

/** Answers the requests: at once, on demand, or with a failure. */
export class Source {
  readonly #questions: Questions;
  readonly #ledger: Ledger;
  readonly #own: (token: TokenDetails) => TokenDetails;
  #responses: ((response: Response) => void)[] = [];
  #is: 'up' | 'down' | 'silent' = 'silent';
  #tokens = 0;

  /** @param own notes an object of the application's */
  constructor(questions: Questions, ledger: Ledger, own: (token: TokenDetails) => TokenDetails) {
    this.#questions = questions;
    this.#ledger = ledger;
    this.#own = own;
  }

  token(life: number | undefined, terms: string, who?: string | null): TokenDetails {
    this.#tokens += 1;
    const token = `${MARK}-token-${this.#tokens}-0123456789abcdef`;
    this.#ledger.give(token, life, terms);
    const named = who === undefined ? {} : { clientId: who };
    // By the clock of another machine: only the lifetime counts.
    const times = life === undefined ? {} : { issued: 1_000, expires: 1_000 + life };
    return this.#own({ token, ...named, ...times });
  }

  /** A source that is up answers, and one that is down fails. */
  obey(question: Question): void {
    if (this.#is === 'up') question.answer(this.token(LIFE, question.terms));
    if (this.#is === 'down') question.fail({ code: 50000, status: 500 });
  }

  requested(respond: (response: Response) => void): void {
    if (this.#is === 'up') respond(Response.json({}));
    else this.#responses.push(respond);
  }

  take(step: SourceStep, inUse: TokenDetails | null): void {
    const [question] = this.#questions.live;
    switch (step.do) {
      case 'source':
        this.#become(step.is);
        break;
      case 'answer':
        if (question !== undefined) question.answer(this.token(step.life, question.terms, step.who));
        break;
      case 'answer late': {
        const { stale } = this.#questions;
        stale?.answer(this.token(LIFE, stale.terms));
        break;
      }
      case 'answer the same':
        if (inUse === null || question === undefined) break;
        this.#ledger.giveAgain(inUse.token, question.terms);
        question.answer({ ...inUse });
        break;
      case 'answer nonsense':
        question?.answer({ nothing: `of use: ${MARK}-0123456789-abcdefghij` });
        break;
      case 'fail':
        question?.fail(step);
        break;
      case 'respond': {
        const response = step.accepts ? Response.json({}) : errorResponse({ code: 40142, status: 401 });
        this.#responses.shift()?.(response);
        break;
      }
    }
  }

  #become(is: 'up' | 'down' | 'silent'): void {
    this.#is = is;
    for (const question of this.#questions.live) this.obey(question);
    if (is === 'up') for (const respond of this.#responses.splice(0)) respond(Response.json({}));
  }
}
