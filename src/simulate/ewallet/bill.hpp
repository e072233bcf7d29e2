// The daily file of a gateway, in the form of reconciliation (docs/payment.md): a header line, then what moved money that day
// or was undone, by transaction.
#pragma once
#include <string>

#include "simulate/ewallet/ledger.hpp"

namespace tf::simulate::ewallet {

inline constexpr std::string_view kBillHeader = "date,transaction,type,amount,currency,state,reference";

// day: "20261121", in China Standard Time. Rows: payment captured or reversed, refund done; amounts in minor units.
std::string bill_of(const Ledger& ledger, std::string_view dialect, std::string_view day);

}  // namespace tf::simulate::ewallet
