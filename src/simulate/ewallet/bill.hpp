// The daily file of a gateway, in the form of reconciliation (docs/payment.md): a header line, then what moved money that day
// or was undone, by transaction.
#pragma once
#include <string>

#include "simulate/ewallet/ledger.hpp"

namespace tf::simulate::ewallet {

inline constexpr std::string_view kBillHeader = "date,transaction,type,amount,currency,state,reference";

// day: "20261121". Rows: payment captured or reversed, refund done; amounts in minor units. The day of a transaction is the one
// its number begins with; where it begins with none, that of its end in China Standard Time.
std::string bill_of(const Ledger& ledger, std::string_view dialect, std::string_view day);
// DIRECTORY/ewallet/20261121.csv, DIRECTORY/acp/20261121.csv: one for each day there is. Code::unavailable "base.file_write".
Status write_bills(const Ledger& ledger, const std::string& directory);

}  // namespace tf::simulate::ewallet
