/** Names of the day, the week and the month that a moment is in. */
export interface CalendarPeriods {
  /** `2025-11-09` */
  readonly day: string;
  /** The Monday that the week begins with. */
  readonly week: string;
  /** `2025-11` */
  readonly month: string;
}

const dayMilliseconds = 86_400_000;

/** Tells the periods of moments (RFC 3339) in a time zone. */
export function calendarOf(timeZone: string): (moment: string) => CalendarPeriods {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return (moment) => {
    const parts = Object.fromEntries(
      format.formatToParts(new Date(moment)).map(({ type, value }) => [type, value]),
    );
    const day = `${parts.year}-${parts.month}-${parts.day}`;
    // Days of the calendar from here on, so that a day with 23 or 25 hours is one like any other.
    const noon = Date.parse(`${day}T12:00:00Z`);
    const sinceMonday = (new Date(noon).getUTCDay() + 6) % 7;
    return {
      day,
      week: new Date(noon - sinceMonday * dayMilliseconds).toISOString().slice(0, 10),
      month: day.slice(0, 7),
    };
  };
}
