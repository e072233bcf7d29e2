// The life of an order and of a refund, as tables. Pure: the driver (payments.hpp) performs the effects, each only after the
// new state is durable. What is not in the table changes nothing: late answers, answers to calls that no longer matter.
#pragma once
#include <optional>
#include <span>

#include "payment/order.hpp"

namespace tf::payment {

enum class Event {
  booked,          // the books have it
  over_limit,      // the books have it as refused
  paid,            // the front end's answer to pay
  not_paid,
  offered,         // direct: the gateway has the order for the phone
  unanswered,      // none, or none that can be believed
  restarted,       // the program began again
  due,             // the time to try again has come
  found_paid,      // the answer to query
  found_not_paid,
  not_found_out,   // of query and of reverse
  asked_enough,    // queries bring nothing, or the time of an offer is over
  withdrawn,       // direct: the phone will not pay, or cannot: its number at the gateway got lost
  undone,          // the answer to reverse
  stands,
  decided_paid,    // by operators, where nobody else can tell
  decided_undone,
};

struct Effects {
  bool send = false;    // call pay
  bool ask = false;     // call query
  bool undo = false;    // call reverse
  bool wait = false;    // be told `due` after the back-off
  bool answer = false;  // tell those who wait
};

struct Transition {
  State from;
  Event on;
  std::optional<FrontEnd::Resolves> how;  // only of a front end that resolves so
  State to;
  Effects effects;
};

inline constexpr auto kByQuery = FrontEnd::Resolves::by_query;
inline constexpr auto kByReversal = FrontEnd::Resolves::by_reversal;
inline constexpr Transition kTransitions[] = {
    {State::created, Event::booked, {}, State::sent, {.send = true}},
    {State::created, Event::over_limit, {}, State::declined, {.answer = true}},

    {State::sent, Event::paid, {}, State::captured, {.answer = true}},
    {State::sent, Event::not_paid, {}, State::declined, {.answer = true}},
    {State::sent, Event::unanswered, kByQuery, State::unknown, {.wait = true, .answer = true}},
    {State::sent, Event::restarted, kByQuery, State::unknown, {.ask = true, .answer = true}},
    {State::sent, Event::unanswered, kByReversal, State::reversing, {.undo = true, .answer = true}},
    {State::sent, Event::restarted, kByReversal, State::reversing, {.undo = true, .answer = true}},

    {State::sent, Event::offered, {}, State::offered, {.wait = true, .answer = true}},
    {State::sent, Event::withdrawn, {}, State::reversing, {.undo = true, .answer = true}},

    {State::offered, Event::due, {}, State::offered, {.ask = true}},
    {State::offered, Event::restarted, {}, State::offered, {.ask = true}},
    {State::offered, Event::found_paid, {}, State::captured, {.answer = true}},
    {State::offered, Event::found_not_paid, {}, State::declined, {.answer = true}},
    {State::offered, Event::not_found_out, {}, State::offered, {.wait = true}},
    {State::offered, Event::asked_enough, {}, State::reversing, {.undo = true, .answer = true}},
    {State::offered, Event::withdrawn, {}, State::reversing, {.undo = true, .answer = true}},

    {State::unknown, Event::due, {}, State::unknown, {.ask = true}},
    {State::unknown, Event::restarted, {}, State::unknown, {.ask = true}},
    {State::unknown, Event::found_paid, {}, State::captured, {.answer = true}},
    {State::unknown, Event::found_not_paid, {}, State::declined, {.answer = true}},
    {State::unknown, Event::not_found_out, {}, State::unknown, {.wait = true}},
    {State::unknown, Event::asked_enough, {}, State::reversing, {.undo = true}},
    {State::unknown, Event::decided_paid, {}, State::captured, {.answer = true}},
    {State::unknown, Event::decided_undone, {}, State::reversed, {.answer = true}},

    {State::reversing, Event::due, {}, State::reversing, {.undo = true}},
    {State::reversing, Event::restarted, {}, State::reversing, {.undo = true}},
    {State::reversing, Event::undone, {}, State::reversed, {.answer = true}},
    {State::reversing, Event::stands, {}, State::captured, {.answer = true}},
    {State::reversing, Event::not_found_out, {}, State::reversing, {.wait = true}},
    {State::reversing, Event::decided_paid, {}, State::captured, {.answer = true}},
    {State::reversing, Event::decided_undone, {}, State::reversed, {.answer = true}},
};

struct Step {
  State state;
  Effects effects;
};
// Nothing when the table has no such line.
std::optional<Step> step(State state, Event event, FrontEnd::Resolves how, std::span<const Transition> table = kTransitions);

// A refund: done and declined are its ends; unknown means the same refund is sent again after the back-off.
inline std::optional<RefundState> step(RefundState state, Verdict verdict) {
  if (state != RefundState::pending || verdict == Verdict::unknown) return std::nullopt;
  return verdict == Verdict::done ? RefundState::done : RefundState::declined;
}

}  // namespace tf::payment
