{# Four interests of five leaders each, who are the members 1 to 20. A member follows four leaders of the own interest, and one of another. #}
select
    member,
    case
        when choice < 4 then 5 * (member % 4) + (member + choice) % 5 + 1
        else 5 * ((member + 1) % 4) + member % 5 + 1
    end as leader,
    choice

from range(1, 101) as members(member)

cross join range(5) as choices(choice)
